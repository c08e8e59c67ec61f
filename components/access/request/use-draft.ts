'use client'
import { useEffect, useState } from 'react'

/** A form's content that survives a reload, a sign-in and a crash of the tab; forgotten once it was sent. */
export function useDraft<T extends object>(key: string, first: T) {
  const [draft, setDraft] = useState(first)

  useEffect(() => {
    const kept = sessionStorage.getItem(key)
    if (kept) setDraft((current) => ({ ...current, ...JSON.parse(kept) }))
  }, [key])

  return {
    draft,
    setDraft(next: T) {
      setDraft(next)
      sessionStorage.setItem(key, JSON.stringify(next))
    },
    forget: () => sessionStorage.removeItem(key),
  }
}

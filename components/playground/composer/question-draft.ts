'use client'
import { useEffect, useState } from 'react'

const prefix = 'bindery question '

/**
 * A question as it is typed, kept for its conversation in this browser until it was taken: over a reload, a sign-in, a
 * crash and a change of conversation. What the browser has no room for stays on the page.
 */
export function useQuestionDraft(place: string) {
  const [text, setText] = useState('')

  useEffect(() => setText(localStorage.getItem(prefix + place) ?? ''), [place])

  function keep(next: string) {
    setText(next)
    try {
      if (next === '') localStorage.removeItem(prefix + place)
      else localStorage.setItem(prefix + place, next)
    } catch {
      // Older words under this name would come back in the place of these.
      localStorage.removeItem(prefix + place)
    }
  }

  return { text, setText: keep }
}

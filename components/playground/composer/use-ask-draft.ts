'use client'
import { useEffect, useState } from 'react'
import type { PresetChoice } from '#components/playground/presets/preset-choice.ts'
import { type AskDraft, draftOf } from './ask-draft.ts'

/** How a question is asked, as typed over a preset. Each preset has its own, kept for this tab. */
export function useAskDraft(service: string, preset: PresetChoice | undefined) {
  const key = `ask ${service} ${preset?.id} ${preset?.own?.version ?? ''}`
  const [typed, setTyped] = useState({ key, draft: draftOf(preset) })
  const now = typed.key === key ? typed.draft : draftOf(preset)

  useEffect(() => {
    const kept = sessionStorage.getItem(key)
    if (kept) setTyped({ key, draft: { ...draftOf(preset), ...JSON.parse(kept) } })
  }, [key, preset])

  return {
    draft: now,
    setDraft(draft: AskDraft) {
      setTyped({ key, draft })
      sessionStorage.setItem(key, JSON.stringify(draft))
    },
  }
}

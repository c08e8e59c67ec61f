import type { KeyboardEvent } from 'react'
import { type LogKeyAct, logKeys } from './toolbar/log-help.tsx'

/** Hears the keys of the viewer, except where somebody types. */
export function useLogKeys(acts: Record<LogKeyAct, () => void>): (event: KeyboardEvent) => void {
  return (event) => {
    const { target } = event
    const isTyped = target instanceof HTMLInputElement || target instanceof HTMLSelectElement
    if (isTyped || event.ctrlKey || event.metaKey || event.altKey) return
    // A dialog or a menu that was opened from here has keys of its own.
    if (!event.currentTarget.contains(event.target as Node)) return
    const act = logKeys.find(([key]) => key === event.key)?.[1]
    if (!act) return
    event.preventDefault()
    acts[act]()
  }
}

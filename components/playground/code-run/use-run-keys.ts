'use client'
import { type RefObject, useEffect, useRef } from 'react'

type Keys = { isUnderWay: boolean; start: () => void; stop: () => void }

/**
 * Ctrl+Enter in the panel runs. Escape stops what runs, from anywhere on the page, before it could stop an answer; in
 * the panel it never reaches one.
 */
export function useRunKeys(panel: RefObject<HTMLElement | null>, keys: Keys): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || !(event.target instanceof Element)) return
      const { isUnderWay, start, stop } = latest.current
      const isInside = panel.current?.contains(event.target) ?? false
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && isInside) {
        event.preventDefault()
        if (!isUnderWay) start()
      }
      // A window that is open, and a field of one line, have a use of their own for it.
      const isTaken = event.target.closest('[role=dialog], [role=alertdialog], input') !== null
      if (event.key === 'Escape' && (isInside || (isUnderWay && !isTaken))) {
        event.preventDefault()
        if (isUnderWay) stop()
      }
    }
    document.addEventListener('keydown', onKey, { capture: true })
    return () => document.removeEventListener('keydown', onKey, { capture: true })
  }, [panel])
}

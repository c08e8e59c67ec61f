'use client'
import { useEffect, useState } from 'react'

const storageKey = 'bindery-shortcuts'

/** Single keys that act on the page, unless somebody types or a dialog asks. */
export function useShortcuts(acts: Record<string, () => void>, on: boolean): void {
  useEffect(() => {
    if (!on) return
    const controller = new AbortController()
    window.addEventListener(
      'keydown',
      (event) => {
        const act = acts[event.key]
        if (!act || event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return
        event.preventDefault()
        act()
      },
      { signal: controller.signal },
    )
    return () => controller.abort()
  }, [acts, on])
}

/** Whether single keys act: whoever speaks to their computer turns them off (WCAG 2.1.4), and it is remembered. */
export function useShortcutsOn(): [on: boolean, set: (on: boolean) => void] {
  const [on, setOn] = useState(false)
  useEffect(() => setOn(localStorage.getItem(storageKey) !== 'off'), [])
  return [
    on,
    (next) => {
      setOn(next)
      localStorage.setItem(storageKey, next ? 'on' : 'off')
    },
  ]
}

function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return true
  return (
    target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
  )
}

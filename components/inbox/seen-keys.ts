import { useState } from 'react'

const storageKey = 'bindery-inbox-seen'
const keysMax = 500

/** What this browser has shown already; a browser that keeps nothing shows everything as new. */
export function useSeenKeys(): { seen: ReadonlySet<string>; see: (keys: string[]) => void } {
  const [seen, setSeen] = useState<ReadonlySet<string>>(read)
  function see(keys: string[]) {
    const all = [...new Set([...seen, ...keys])].slice(-keysMax)
    setSeen(new Set(all))
    try {
      localStorage.setItem(storageKey, JSON.stringify(all))
    } catch {
      // Full or forbidden: then it is new again after a reload.
    }
  }
  return { seen, see }
}

function read(): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]')
    return new Set(Array.isArray(kept) ? kept.filter((key) => typeof key === 'string') : [])
  } catch {
    return new Set()
  }
}

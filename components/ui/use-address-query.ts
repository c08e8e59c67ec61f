'use client'
import { usePathname, useSearchParams } from 'next/navigation'

type Changes = Record<string, string | undefined>

/**
 * What a page shows stands in its address. An empty value takes a name out; the rest stays as it is. The page knows what
 * to show by itself: the server is not asked for it again.
 */
export function useAddressQuery() {
  const path = usePathname()
  const search = useSearchParams()

  function addressOf(changes: Changes): string {
    const next = new URLSearchParams(search)
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value)
      else next.delete(name)
    }
    return next.size > 0 ? `${path}?${next}` : path
  }

  function go(changes: Changes, how: 'push' | 'replace' = 'replace'): void {
    history[how === 'push' ? 'pushState' : 'replaceState'](null, '', addressOf(changes))
  }

  /** What was pressed for it is gone with the filters: the focus goes on from where the page begins. */
  function clear(): void {
    history.replaceState(null, '', path)
    document.getElementById('content')?.focus({ preventScroll: true })
  }

  return { path, search, addressOf, go, clear }
}

import type { AppError } from '#server/platform/model/errors.ts'
import type { SignedIn } from './session-store.ts'

export type Change = { over: AppError } | 'renewed'

export type Watch = (
  id: string,
  seen: SignedIn,
  signal: AbortSignal,
  onChange: (change: Change) => void,
) => void

export type SessionWatchers = {
  watch: Watch
  /** Resolves after the next round, in which this session is read as well. */
  nextRound(id: string): Promise<void>
  /** What a round found: who it is, why it is over, or nothing where that cannot be said any more. */
  tell(id: string, found: SignedIn | AppError | undefined): void
  lookNow(): void
}

type Watcher = { person: string; tell: (change: Change) => void }

/** Looks at all sessions that streams or renewals wait for, together, once in `everyMs`. */
export function createSessionWatchers(parts: {
  everyMs: number
  lookAt: (ids: string[]) => Promise<void>
  signal: AbortSignal
}): SessionWatchers {
  const { everyMs, lookAt, signal } = parts
  const watched = new Map<string, Set<Watcher>>()
  let awaited = new Map<string, { resolve: () => void; round: Promise<void> }>()
  let isLooking = false
  let isAskedAgain = false
  const timer = setInterval(lookNow, everyMs)
  signal.addEventListener('abort', stop, { once: true })

  function stop() {
    clearInterval(timer)
    for (const { resolve } of awaited.values()) resolve()
    awaited.clear()
  }

  function lookNow() {
    if (isLooking) isAskedAgain = true
    else void rounds()
  }

  async function rounds() {
    isLooking = true
    do {
      isAskedAgain = false
      const those = awaited
      awaited = new Map()
      const ids = new Set([...watched.keys(), ...those.keys()])
      if (ids.size > 0) await lookAt([...ids])
      for (const { resolve } of those.values()) resolve()
    } while (isAskedAgain && !signal.aborted)
    isLooking = false
  }

  return {
    lookNow,

    nextRound(id) {
      if (signal.aborted) return Promise.resolve()
      const there = awaited.get(id)
      if (there) return there.round
      let resolve = () => {}
      const round = new Promise<void>((done) => {
        resolve = done
      })
      awaited.set(id, { resolve, round })
      return round
    },

    tell(id, found) {
      for (const watcher of watched.get(id) ?? []) {
        if (found === undefined) watcher.tell('renewed')
        else if (found instanceof Error) watcher.tell({ over: found })
        else if (watcher.person !== textOf(found)) watcher.tell('renewed')
      }
    },

    watch(id, seen, until, onChange) {
      if (until.aborted) return
      const those = watched.get(id) ?? new Set()
      watched.set(id, those)
      const leave = () => {
        those.delete(watcher)
        if (those.size === 0 && watched.get(id) === those) watched.delete(id)
      }
      const watcher: Watcher = {
        person: textOf(seen),
        tell(change) {
          leave()
          onChange(change)
        },
      }
      those.add(watcher)
      until.addEventListener('abort', leave, { once: true })
    },
  }
}

function textOf({ user, groups }: SignedIn): string {
  return JSON.stringify([user, groups])
}

/** Lets many wait until something changed, without listeners that pile up. */
export type ChangeSignal = {
  /** Resolves at the next `ring`, when the signal aborts, or after `withinMs`; at once where it rang since `rings`. */
  next(signal: AbortSignal, withinMs?: number, rings?: number): Promise<void>
  /** How often it rang: taken before looking, so that what comes while one looks is not waited for. */
  version(): number
  notify(): void
}

export function createChangeSignal(): ChangeSignal {
  let waiting = new Set<() => void>()
  let count = 0
  return {
    version: () => count,
    next(signal, withinMs, rings = count) {
      return new Promise((resolve) => {
        if (signal.aborted || rings !== count) return resolve()
        const done = () => {
          waiting.delete(done)
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          resolve()
        }
        const timer = withinMs === undefined ? undefined : setTimeout(done, withinMs)
        waiting.add(done)
        signal.addEventListener('abort', done, { once: true })
      })
    },
    notify() {
      count++
      const woken = waiting
      waiting = new Set()
      for (const done of woken) done()
    },
  }
}

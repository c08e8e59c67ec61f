/** Lets many wait until something changed, without listeners that pile up. */
export type Wake = {
  /** Resolves at the next `ring`, when the signal aborts, or after `withinMs`; at once where it rang since `rings`. */
  next(signal: AbortSignal, withinMs?: number, rings?: number): Promise<void>
  /** How often it rang: taken before looking, so that what comes while one looks is not waited for. */
  rings(): number
  ring(): void
}

export function createWake(): Wake {
  let waiting = new Set<() => void>()
  let count = 0
  return {
    rings: () => count,
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
    ring() {
      count++
      const woken = waiting
      waiting = new Set()
      for (const done of woken) done()
    },
  }
}

/** Lets many wait until something changed, without listeners that pile up. */
export type Wake = {
  /** Resolves at the next `ring`, when the signal aborts, or after `withinMs`. */
  next(signal: AbortSignal, withinMs?: number): Promise<void>
  ring(): void
}

export function createWake(): Wake {
  let waiting = new Set<() => void>()
  return {
    next(signal, withinMs) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve()
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
      const woken = waiting
      waiting = new Set()
      for (const done of woken) done()
    },
  }
}

export type CircuitBreaker = {
  /** Whether calls fail at once now, because the last ones failed. */
  isOpen(): boolean
  /** Rejects with `away()` while it is open; else as the call does. */
  run<T>(call: () => Promise<T>): Promise<T>
}

export type BreakerTimes = {
  /** Failures in a row until it opens. */
  failuresMax: number
  /** How long it stays open at first; doubled by each failed trial. */
  openMs: number
  openMaxMs: number
  /** A call without an answer for so long counts as failed, however it ends. */
  slowMs: number
}

/**
 * Keeps calls from waiting for a server that does not answer: opens after several failures in a row, then lets one
 * trial at a time through. A call that fails for one caller alone does not open it while others succeed.
 */
export function createCircuitBreaker(
  { failuresMax, openMs, openMaxMs, slowMs }: BreakerTimes,
  away: () => Error,
): CircuitBreaker {
  let failures = 0
  let openUntilMs = 0
  let isTried = false

  function fail() {
    failures += 1
    const trials = failures - failuresMax
    if (trials >= 0) openUntilMs = performance.now() + Math.min(openMaxMs, openMs * 2 ** trials)
  }

  function isOpen() {
    return failures >= failuresMax && (isTried || performance.now() < openUntilMs)
  }

  return {
    isOpen,
    async run(call) {
      if (isOpen()) throw away()
      const isTrial = failures >= failuresMax
      isTried ||= isTrial
      let isSlow = false
      const timer = setTimeout(() => {
        isSlow = true
        fail()
      }, slowMs)
      try {
        const result = await call()
        failures = 0
        return result
      } catch (error) {
        if (!isSlow) fail()
        throw error
      } finally {
        clearTimeout(timer)
        if (isTrial) isTried = false
      }
    },
  }
}

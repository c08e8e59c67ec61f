export type ReconcileQueue = { add(key: string): void }

const retryFirstMs = 50
const retryMaxMs = 10_000

/**
 * Calls `reconcile` for each added key, soon and once however often it was added. A returned number of milliseconds
 * asks for another look; an error is retried with growing waits.
 */
export function reconcileQueue(
  reconcile: (key: string) => number | undefined,
  signal: AbortSignal,
): ReconcileQueue {
  const keys = new Set<string>()
  const failures = new Map<string, number>()
  let scheduled = false

  function add(key: string) {
    keys.add(key)
    if (scheduled || signal.aborted) return
    scheduled = true
    setImmediate(drain)
  }

  function later(key: string, ms: number) {
    setTimeout(() => add(key), ms).unref()
  }

  function drain() {
    scheduled = false
    const batch = [...keys]
    keys.clear()
    for (const key of batch) {
      if (signal.aborted) return
      try {
        const againMs = reconcile(key)
        failures.delete(key)
        if (typeof againMs === 'number') later(key, againMs)
      } catch {
        // Somebody else was faster, or a quota or namespace forbids it: the next look decides anew.
        const count = failures.get(key) ?? 0
        failures.set(key, count + 1)
        later(key, Math.min(retryFirstMs * 2 ** count, retryMaxMs))
      }
    }
  }

  return { add }
}

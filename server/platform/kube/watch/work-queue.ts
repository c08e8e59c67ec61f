import { setMaxListeners } from 'node:events'
import { backoffMs } from '#server/platform/time/backoff.ts'

export type WorkQueue = {
  /** Asks for the key to be worked on. Asked for while it is being worked on, it is done once more afterwards. */
  add(key: string): void
  /** The same after a time; of several times for one key the earliest stands. */
  addAfter(key: string, ms: number): void
  /** Resolves once nothing is waiting or being worked on; timers that have not come are not counted. */
  idle(): Promise<void>
  /** Resolves once the signal aborted and the work in hand ended. */
  readonly done: Promise<void>
}

/** Longer timers overflow and fire at once. */
const timerMsMax = 2 ** 31 - 1

/**
 * Keys, not events: each key is worked on by one at a time, failures are repeated with exponential backoff, a success
 * forgets them. `process` reads the world and makes it true; it is given a signal that ends with the queue, and says
 * where it got on, which forgets them too: what gets somewhere between its failures is not kept waiting for longer.
 */
export function workQueue(options: {
  process: (key: string, signal: AbortSignal, gotOn: () => void) => Promise<void>
  signal: AbortSignal
  concurrency?: number
  retryBaseMs?: number
  retryMaxMs?: number
  onError?: (key: string, error: unknown, attempt: number) => void
}): WorkQueue {
  const { process, signal, concurrency = 4, retryBaseMs = 50, retryMaxMs = 60_000 } = options
  setMaxListeners(0, signal)
  const waiting = new Set<string>()
  const working = new Set<string>()
  const failures = new Map<string, number>()
  const timers = new Map<string, { at: number; timer: NodeJS.Timeout }>()
  const idlers = new Set<() => void>()
  let finish = () => {}
  const done = new Promise<void>((resolve) => {
    finish = resolve
  })

  function add(key: string) {
    if (signal.aborted) return
    waiting.add(key)
    start()
  }

  function addAfter(key: string, ms: number) {
    if (signal.aborted) return
    const at = performance.now() + Math.max(0, ms)
    const there = timers.get(key)
    if (there && there.at <= at) return
    clearTimeout(there?.timer)
    arm(key, at)
  }

  function arm(key: string, at: number) {
    const left = at - performance.now()
    const timer = setTimeout(
      () => {
        if (performance.now() < at - 1) return arm(key, at)
        timers.delete(key)
        add(key)
      },
      Math.min(left, timerMsMax),
    )
    timers.set(key, { at, timer })
  }

  function start() {
    for (const key of waiting) {
      if (working.size >= concurrency || signal.aborted) return
      if (working.has(key)) continue
      waiting.delete(key)
      working.add(key)
      void work(key)
    }
  }

  async function work(key: string) {
    try {
      await process(key, signal, () => failures.delete(key))
      failures.delete(key)
    } catch (error) {
      if (!signal.aborted) {
        const attempt = failures.get(key) ?? 0
        failures.set(key, attempt + 1)
        options.onError?.(key, error, attempt + 1)
        addAfter(key, backoffMs(attempt, retryBaseMs, retryMaxMs))
      }
    }
    working.delete(key)
    start()
    settle()
  }

  function settle() {
    if (working.size > 0) return
    if (signal.aborted) finish()
    if (waiting.size > 0 && !signal.aborted) return
    for (const resolve of idlers) resolve()
    idlers.clear()
  }

  function end() {
    for (const { timer } of timers.values()) clearTimeout(timer)
    timers.clear()
    waiting.clear()
    settle()
  }
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })

  return {
    add,
    addAfter,
    done,
    idle() {
      if (waiting.size === 0 && working.size === 0) return Promise.resolve()
      return new Promise((resolve) => idlers.add(resolve))
    },
  }
}

/**
 * The time of the API server, for deciding when access ends. Our own wall clock may be wrong, be set, or belong to a
 * node that drifts; the one clock that all of our processes and the cluster can share is what the API server writes into
 * the Date header of every answer. Between two answers the monotonic clock carries it on: nobody can set that.
 *
 * An answer that says second D, asked at `sent` and here at `received` (both monotonic), was made between the two, at a
 * moment of [D, D + 1 s). So server time minus monotonic time lies in [D - received, D + 1 s - sent]. Every answer
 * narrows that interval; `now()` is its lower end: never ahead of the server, so nothing expires early, and behind it by
 * less than a second, soon by little more than the fastest round trip. Intervals that do not meet mean that a clock was
 * set, drifted apart, or that this process was suspended (Linux' monotonic clock stands still then): the newest one
 * counts alone.
 *
 * A suspension is noticed without asking anybody: the wall clock moved and the monotonic one did not. The server is then
 * asked at once. If it does not answer in time, the wall clock's step is believed: leaving access open is worse than
 * refusing for a moment.
 */
export type ClusterClock = {
  now(): Date
  /** What an answer said in its Date header; the moments are `monotonic` milliseconds. */
  observe(date: string | string[] | undefined, sent: number, received: number): void
  /** Tells when time jumped, so that whoever waits for an instant looks again. */
  onJump(listener: () => void, signal: AbortSignal): void
}

export type Clocks = { monotonic(): number; wall(): number }

const systemClocks: Clocks = { monotonic: () => performance.now(), wall: () => Date.now() }

const noticedMs = 1_000
const believedAfterMs = 2_000
const lookMs = 1_000

/** `ask` makes any request, whose answer comes back through `observe`. */
export function createClusterClock(
  ask: () => Promise<unknown>,
  clocks: Clocks = systemClocks,
): ClusterClock {
  let offset: { low: number; high: number } | undefined
  let wallOffset = wallNow()
  let doubt: { since: number; askedAt: number } | undefined
  const listeners = new Set<() => void>()

  function wallNow(): number {
    return clocks.wall() - clocks.monotonic()
  }

  function stepped(): number {
    const by = wallNow() - wallOffset
    // Set back, the wall clock says nothing about time that passed.
    if (by < -noticedMs) wallOffset = wallNow()
    return by > noticedMs ? by : 0
  }

  function question(at: number) {
    doubt ??= { since: at, askedAt: Number.NEGATIVE_INFINITY }
    if (at - doubt.askedAt < believedAfterMs / 2) return
    doubt.askedAt = at
    ask().catch(() => {})
  }

  function now(): Date {
    if (!offset) return new Date(clocks.wall())
    const at = clocks.monotonic()
    const by = stepped()
    if (by === 0) return new Date(at + offset.low)
    question(at)
    const believed = doubt && at - doubt.since > believedAfterMs ? by : 0
    return new Date(at + offset.low + believed)
  }

  function jumped() {
    for (const listener of [...listeners]) listener()
  }

  return {
    now,
    observe(date, sent, received) {
      const second = typeof date === 'string' ? Date.parse(date) : Number.NaN
      if (Number.isNaN(second)) return
      const seen = { low: second - received, high: second + 1_000 - sent }
      const before = offset
      const low = Math.max(seen.low, before?.low ?? seen.low)
      const high = Math.min(seen.high, before?.high ?? seen.high)
      // An answer that was on its way across a suspension tells nothing: what it says is older than it looks.
      if (stepped() > 0 && received - sent > noticedMs) return
      offset = low <= high ? { low, high } : seen
      wallOffset = wallNow()
      doubt = undefined
      if (before && Math.abs(offset.low - before.low) > noticedMs) jumped()
    },
    onJump(listener, signal) {
      if (signal.aborted) return
      listeners.add(listener)
      const timer = setInterval(() => {
        now()
        if (doubt && clocks.monotonic() - doubt.since > believedAfterMs) listener()
      }, lookMs)
      timer.unref()
      signal.addEventListener(
        'abort',
        () => {
          clearInterval(timer)
          listeners.delete(listener)
        },
        { once: true },
      )
    },
  }
}

/** Milliseconds between two instants; an open end lasts until `now`. Undefined where it has not begun. */
export function durationMs(
  span: { startedAt?: string; finishedAt?: string },
  now: Date,
): number | undefined {
  if (!span.startedAt) return undefined
  const end = span.finishedAt ? Date.parse(span.finishedAt) : now.getTime()
  return Math.max(0, end - Date.parse(span.startedAt))
}

/** `850 ms`, `4.2 s`, `3 min 07 s`, `1 h 04 min`: two units at the most, the same in every language. */
export function durationText(ms: number): string {
  // A kubelet's instants are whole seconds: between two equal ones lies less than one.
  if (ms === 0) return '< 1 s'
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`
}

/** Where a step lies on the run's own time axis, both as shares of the whole, 0 to 1. */
export function barOf(
  step: { startedAt?: string; finishedAt?: string },
  run: { startedAt?: string; finishedAt?: string },
  now: Date,
): { from: number; width: number } | undefined {
  const whole = durationMs(run, now)
  const own = durationMs(step, now)
  if (!whole || own === undefined || !step.startedAt || !run.startedAt) return undefined
  const from = Math.min(
    1,
    Math.max(0, (Date.parse(step.startedAt) - Date.parse(run.startedAt)) / whole),
  )
  return { from, width: Math.min(1 - from, own / whole) }
}

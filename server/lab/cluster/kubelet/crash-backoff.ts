const capMs = 300_000

export type CrashBackoff = {
  /** How long to wait before the next start, counted from the end of the last run. */
  next(ranMs: number): number
}

/** The first restart is immediate; then the wait doubles from `firstMs` to five minutes; ten good minutes reset it. */
export function crashBackoff(firstMs: number): CrashBackoff {
  let waitMs: number | undefined
  return {
    next(ranMs) {
      if (ranMs >= 2 * capMs) waitMs = undefined
      const now = waitMs ?? 0
      waitMs = waitMs === undefined ? firstMs : Math.min(waitMs * 2, capMs)
      return now
    },
  }
}

import type { End } from './model-binding.ts'

/** So many runs that take away, or put back, are kept of a binding: what fails for days does not fill the cluster. */
export const attemptsKept = 5

/** What failed so often by itself does not pass by itself: somebody has to look at it. */
const ownAttempts = 3

const firstMs = 10_000
const longestMs = 6 * 3_600_000

/** How long the next unbind run waits after the n-th failed: twice as long each time, to six hours. */
export function unbindBackoffMs(attempt: number): number {
  return Math.min(firstMs * 2 ** (attempt - 1), longestMs)
}

/** Whether access that ends waits for the time of its next attempt. */
export function awaitsAttempt(end: End | undefined, now: Date): end is End {
  if (!end?.failure?.nextAt || end.provenAt !== undefined) return false
  return Date.parse(end.failure.nextAt) > now.getTime()
}

/** Whether it is people's turn: it was tried often enough, and what was granted still stands somewhere. */
export function isHeldUp(end: End | undefined): boolean {
  return end !== undefined && end.provenAt === undefined && (end.attempt ?? 1) > ownAttempts
}

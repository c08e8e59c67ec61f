const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** What is left in two units; the page says them in the reader's language. Nothing is left of what is over. */
export type Remaining =
  | { unit: 'days'; days: number; hours: number }
  | { unit: 'hours'; hours: number; minutes: number }
  | { unit: 'minutes'; minutes: number; seconds: number }

export function remainingUntil(at: string, now: Date): Remaining {
  const left = Math.max(0, Date.parse(at) - now.getTime())
  const whole = (ms: number, unitMs: number) => Math.floor(ms / unitMs)
  if (left >= dayMs) {
    return { unit: 'days', days: whole(left, dayMs), hours: whole(left % dayMs, hourMs) }
  }
  if (left >= hourMs) {
    return { unit: 'hours', hours: whole(left, hourMs), minutes: whole(left % hourMs, minuteMs) }
  }
  return {
    unit: 'minutes',
    minutes: whole(left, minuteMs),
    seconds: whole(left % minuteMs, secondMs),
  }
}

/** The share of the term that is left, 1 to 0. */
export function shareLeft(term: { since: string; expiresAt: string }, now: Date): number {
  const [since, end] = [Date.parse(term.since), Date.parse(term.expiresAt)]
  if (end <= since) return 0
  return Math.min(1, Math.max(0, (end - now.getTime()) / (end - since)))
}

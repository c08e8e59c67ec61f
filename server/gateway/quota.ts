import type { Quota } from '#server/domain/access/quota.ts'
import { AppError } from '#server/domain/errors.ts'
import { dayOf } from './day-use.ts'

export type Quotas = {
  /** Counts one request of the last minute; throws `quota-exhausted` with when to come again. */
  countRequest(key: string, quota: Quota): void
  /** Throws `quota-exhausted` where nothing is left of the day; else how many tokens are. */
  tokensLeft(used: number, quota: Quota): number
  /** Takes places for answers at once; the result gives them back. */
  enter(key: string, quota: Quota, answers: number): () => void
  running(): number
}

const minuteMs = 60_000

/** What a binding may use of this gateway. Requests and answers at once are counted per replica. */
export function quotas(now: () => Date): Quotas {
  const requests = new Map<string, number[]>()
  const places = new Map<string, number>()

  return {
    countRequest(key, { requestsPerMinute }) {
      const nowMs = now().getTime()
      const times = requests.get(key) ?? []
      requests.set(key, times)
      const current = times.findIndex((at) => at > nowMs - minuteMs)
      times.splice(0, current < 0 ? times.length : current)
      if (times.length < requestsPerMinute) {
        times.push(nowMs)
        return
      }
      // The request that has to leave the window before another may enter it.
      const leaves = times[times.length - requestsPerMinute] ?? nowMs
      throw exhausted(
        'rate_limit_exceeded',
        `This access allows ${requestsPerMinute} requests per minute.`,
        (leaves + minuteMs - nowMs) / 1000,
        requestsPerMinute,
      )
    },

    tokensLeft(used, { tokensPerDay }) {
      if (used < tokensPerDay) return tokensPerDay - used
      const nowMs = now().getTime()
      throw exhausted(
        'tokens_per_day_exceeded',
        `The ${tokensPerDay} tokens that this access allows per day are used; the day ends at midnight UTC.`,
        (dayOf(now()) + 86_400_000 - nowMs) / 1000,
        tokensPerDay,
      )
    },

    enter(key, { concurrency }, answers) {
      const taken = places.get(key) ?? 0
      if (taken + answers > concurrency) {
        const message = `This access allows ${concurrency} answers at once, and ${taken} are running.`
        throw exhausted('concurrency_exceeded', message, 1, concurrency)
      }
      places.set(key, taken + answers)
      let inside = true
      return () => {
        if (!inside) return
        inside = false
        const left = (places.get(key) ?? 0) - answers
        if (left > 0) places.set(key, left)
        else places.delete(key)
      }
    },

    running: () => [...places.values()].reduce((sum, taken) => sum + taken, 0),
  }
}

function exhausted(
  key: string,
  message: string,
  retryAfterSeconds: number,
  limit: number,
): AppError {
  return new AppError('quota-exhausted', message, { key, retryAfterSeconds, values: { limit } })
}

import type { Quota } from '#server/access/model/quota.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { dayOf } from './day-use.ts'

export type Quotas = {
  /** Counts one request of the last minute; throws `quota-exhausted` with when to come again. */
  countRequest(key: string, quota: Quota): void
  /**
   * Counts one request for the first of these that has room, before it is known which of them is meant; throws where
   * none has.
   */
  countOneOf(bindings: Counted[]): { key: string; moveTo(binding: Counted): void }
  /** Throws `quota-exhausted` where nothing is left of the day; else how many tokens are. */
  tokensLeft(used: number, quota: Quota): number
  /** Takes places for answers at once; the result gives them back. */
  enter(key: string, quota: Quota, answers: number): () => void
  running(): number
}

/** Whose request it is, and what was granted to them. */
export type Counted = { key: string; grant: { quota: Quota } }

const minuteMs = 60_000

/** What a binding may use of this gateway. Requests and answers at once are counted per replica. */
export function quotas(now: () => Date): Quotas {
  const requests = new Map<string, number[]>()
  const places = new Map<string, number>()

  function countRequest(key: string, { requestsPerMinute }: Quota): number {
    const nowMs = now().getTime()
    const times = requests.get(key) ?? []
    requests.set(key, times)
    const current = times.findIndex((at) => at > nowMs - minuteMs)
    times.splice(0, current < 0 ? times.length : current)
    if (times.length < requestsPerMinute) {
      times.push(nowMs)
      return nowMs
    }
    // The request that has to leave the window before another may enter it.
    const leaves = times[times.length - requestsPerMinute] ?? nowMs
    throw exhausted(
      'rate_limit_exceeded',
      `This access allows ${requestsPerMinute} requests per minute.`,
      (leaves + minuteMs - nowMs) / 1000,
      requestsPerMinute,
    )
  }

  function takeBack(key: string, atMs: number) {
    const times = requests.get(key) ?? []
    const at = times.indexOf(atMs)
    if (at >= 0) times.splice(at, 1)
  }

  return {
    countRequest: (key, quota) => void countRequest(key, quota),

    countOneOf(bindings) {
      let refusal: unknown
      for (const { key, grant } of bindings) {
        try {
          const atMs = countRequest(key, grant.quota)
          return {
            key,
            moveTo(meant) {
              takeBack(key, atMs)
              countRequest(meant.key, meant.grant.quota)
            },
          }
        } catch (error) {
          refusal ??= error
        }
      }
      throw refusal
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

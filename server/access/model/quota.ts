import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'

/** What a binding may use; counted by the gateway per binding. */
export const quotaSchema = z.strictObject({
  requestsPerMinute: z.int().min(1).max(6000),
  tokensPerDay: z.int().min(1000).max(1_000_000_000),
  concurrency: z.int().min(1).max(256),
})

export type Quota = z.infer<typeof quotaSchema>

export function sumOf(one: Quota, other: Quota): Quota {
  return {
    requestsPerMinute: one.requestsPerMinute + other.requestsPerMinute,
    tokensPerDay: one.tokensPerDay + other.tokensPerDay,
    concurrency: one.concurrency + other.concurrency,
  }
}

export function withinQuota(asked: Quota, limit: Quota): boolean {
  return (
    asked.requestsPerMinute <= limit.requestsPerMinute &&
    asked.tokensPerDay <= limit.tokensPerDay &&
    asked.concurrency <= limit.concurrency
  )
}

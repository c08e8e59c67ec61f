import type { Log } from '#server/platform/log.ts'
import { pause } from '#server/platform/time/backoff.ts'
import type { RetentionDays, RetentionStore } from './table-retention.ts'

const everyMs = 3_600_000
const againMs = 60_000

/** For one term: at once, then every hour; a database that is away is asked again after a minute. */
export async function removeExpiredRows(
  { log, now, signal }: { log: Log; now(): Date; signal: AbortSignal },
  store: () => RetentionStore | undefined,
  days: RetentionDays,
): Promise<void> {
  while (!signal.aborted) {
    let isDone = false
    try {
      const removed = await store()?.removeExpired(days, now(), signal)
      isDone = removed !== undefined
      if (removed && Object.keys(removed).length > 0) log.info({ removed }, 'expired rows removed')
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'expired rows not removed')
    }
    await pause(isDone ? everyMs : againMs, signal)
  }
}

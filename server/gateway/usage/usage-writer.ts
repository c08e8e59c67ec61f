import { setTimeout } from 'node:timers/promises'
import type { Log } from '#server/platform/log.ts'
import { AppError, type ErrorCode } from '#server/platform/model/errors.ts'
import type { Store } from '#server/store.ts'
import type { UsageRecord } from '#server/usage/model/usage-record.ts'

export type UsageWriter = {
  /** Never waits and never fails; `onWritten` is called once it is in the store. */
  write(record: UsageRecord, onWritten: () => void): void
  dropped(): number
  /** Resolves when all is written, or when the signal aborts. */
  flush(signal: AbortSignal): Promise<void>
}

const passing = new Set<ErrorCode>(['unavailable', 'timeout'])
const waitingMax = 2_000
const retryMinMs = 100
const retryMaxMs = 10_000

/** Writes usage in the background, one record after the other; while the store is away, the newest are kept. */
export function usageWriter(
  store: () => Pick<Store, 'recordUsage'> | undefined,
  log: Log,
  signal: AbortSignal,
): UsageWriter {
  const waiting: { record: UsageRecord; onWritten: () => void }[] = []
  const flushed = new Set<() => void>()
  let running = false
  let dropped = 0

  async function run() {
    running = true
    let retryMs = retryMinMs
    for (let next = waiting[0]; next && !signal.aborted; next = waiting[0]) {
      try {
        const open = store()
        if (!open) throw new AppError('unavailable', 'The store is not open yet.')
        await open.recordUsage(next.record)
        if (waiting[0] === next) waiting.shift()
        next.onWritten()
        retryMs = retryMinMs
      } catch (error) {
        if (error instanceof AppError && !passing.has(error.code)) {
          // It will never be taken: those behind it shall not wait for it.
          if (waiting[0] === next) waiting.shift()
          dropped++
          log.error({ err: error, dropped }, 'usage was refused by the store')
          continue
        }
        if (retryMs === retryMinMs) log.warn({ err: error }, 'usage waits for the store')
        await setTimeout(retryMs, undefined, { signal }).catch(() => {})
        retryMs = Math.min(retryMs * 2, retryMaxMs)
      }
    }
    running = false
    for (const resolve of [...flushed]) resolve()
  }

  return {
    write(record, onWritten) {
      if (waiting.length >= waitingMax) {
        waiting.shift()
        dropped++
        log.error({ dropped }, 'usage was dropped: the store has been away for too long')
      }
      waiting.push({ record, onWritten })
      if (!running) void run()
    },
    dropped: () => dropped,
    flush(giveUp) {
      if (!running || giveUp.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const end = () => {
          flushed.delete(end)
          giveUp.removeEventListener('abort', end)
          resolve()
        }
        flushed.add(end)
        giveUp.addEventListener('abort', end, { once: true })
      })
    },
  }
}

import { setTimeout } from 'node:timers/promises'
import type { Log } from '#server/platform/log.ts'
import { AppError, type ErrorCode } from '#server/platform/model/errors.ts'
import type { AuditStore } from './audit-store.ts'
import type { AuditEvent } from './model/audit-record.ts'

export type AuditSpool = {
  /** Never waits and never fails. */
  note(events: AuditEvent[]): void
  /** Resolves when all that was noted is on record, or when the signal aborts. */
  flush(signal: AbortSignal): Promise<void>
}

export type SpoolTimes = { delayMs: number; retryMinMs: number; retryMaxMs: number }

/** The web writes at once: it alone knows the request. Others wait this long, and then find it written. */
export const spoolTimes: SpoolTimes = { delayMs: 2_000, retryMinMs: 100, retryMaxMs: 10_000 }

const passing = new Set<ErrorCode>(['unavailable', 'timeout', 'conflict'])
const waitingMax = 50_000
const batchMax = 500
/** Keys that need not be asked about again. */
const knownMax = 100_000

/**
 * Between a process that must go on and a database that may be away: batches, and tries until each is taken. What does
 * not fit is dropped, and `onMissed` is called once there is room again, to be told of it anew from the world.
 */
export function auditSpool(options: {
  store: () => Pick<AuditStore, 'appendAudit'> | undefined
  log: Log
  signal: AbortSignal
  times?: Partial<SpoolTimes>
  onMissed?: () => void
}): AuditSpool {
  const { store, log, signal, onMissed = () => {} } = options
  const times = { ...spoolTimes, ...options.times }
  const waiting = new Map<string, AuditEvent>()
  const known = new Set<string>()
  const flushed = new Set<() => void>()
  let hurry = new AbortController()
  let running = false
  let missed = 0

  async function append(events: AuditEvent[]): Promise<void> {
    const open = store()
    if (!open) throw new AppError('unavailable', 'The store is not open yet.')
    await open.appendAudit(events)
  }

  function taken(events: AuditEvent[]) {
    if (known.size + events.length > knownMax) known.clear()
    for (const { key } of events) {
      waiting.delete(key)
      known.add(key)
    }
  }

  async function run() {
    running = true
    let retryMs = times.retryMinMs
    let batch = batchMax
    await pause(times.delayMs)
    while (waiting.size > 0 && !signal.aborted) {
      const events = [...waiting.values()].slice(0, batch)
      try {
        await append(events)
        taken(events)
        retryMs = times.retryMinMs
        batch = batchMax
      } catch (error) {
        if (error instanceof AppError && !passing.has(error.code)) {
          // One of them is never taken: found by going on one by one.
          if (batch === 1) {
            taken(events)
            log.error({ err: error, key: events[0]?.key }, 'an audit record was refused')
          }
          batch = 1
          continue
        }
        if (retryMs === times.retryMinMs) log.warn({ err: error }, 'audit records wait')
        await setTimeout(retryMs, undefined, { signal }).catch(() => {})
        retryMs = Math.min(retryMs * 2, times.retryMaxMs)
      }
    }
    running = false
    hurry = new AbortController()
    for (const resolve of [...flushed]) resolve()
    if (missed > 0 && !signal.aborted) {
      log.warn({ missed }, 'audit records did not fit and are derived anew')
      missed = 0
      onMissed()
    }
  }

  async function pause(ms: number) {
    const until = AbortSignal.any([signal, hurry.signal])
    await setTimeout(ms, undefined, { signal: until }).catch(() => {})
  }

  return {
    note(events) {
      for (const event of events) {
        if (known.has(event.key) || waiting.has(event.key)) continue
        if (waiting.size >= waitingMax) missed += 1
        else waiting.set(event.key, event)
      }
      if (waiting.size > 0 && !running) void run()
    },
    flush(giveUp) {
      hurry.abort()
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

import { randomUUID } from 'node:crypto'
import type { AuditSpool } from '#server/audit/audit-spool.ts'
import type { AuditEvent } from '#server/audit/model/audit-record.ts'

export type Refusal = {
  /** A ServiceAccount, a person who was spoken for, or the address of somebody unknown. */
  caller: string
  namespace: string
  /** `namespace/name`, where the caller named one. */
  binding?: string
  /** The code that the caller was told. */
  reason: string
}

export type Refusals = {
  count(refusal: Refusal): void
  /** Hands over what was counted so far. */
  settle(): void
}

const callersMax = 200
const minuteMs = 60_000

/**
 * One record per caller, reason and minute, whatever the number of refusals: a flood of them costs a counter. Beyond so
 * many callers in a minute, the rest are counted together.
 */
export function refusals(
  spool: Pick<AuditSpool, 'note'>,
  now: () => Date,
  signal: AbortSignal,
): Refusals {
  const gateway = randomUUID()
  const counted = new Map<string, { refusal: Refusal; count: number; at: Date }>()
  let minute = 0
  let settled = 0

  function settle() {
    settled += 1
    const events: AuditEvent[] = []
    for (const [id, { refusal, count, at }] of counted) {
      const { caller: who, namespace, binding, reason } = refusal
      const name = binding?.slice(binding.indexOf('/') + 1) ?? ''
      const details = { reason, count, minute: new Date(minute * minuteMs).toISOString() }
      events.push({
        key: `refused/${gateway}/${settled}/${id}`,
        at: at.toISOString(),
        what: 'refused',
        who,
        on: { kind: 'Gateway', namespace, name, uid: gateway },
        binding: namespace ? { namespace, name } : undefined,
        details,
      })
    }
    counted.clear()
    if (events.length > 0) spool.note(events)
  }

  function settleAtMinute() {
    const present = Math.floor(now().getTime() / minuteMs)
    if (present === minute) return
    settle()
    minute = present
  }

  const timer = setInterval(settleAtMinute, 5_000)
  timer.unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })

  return {
    count(refusal) {
      settleAtMinute()
      const { caller, namespace, binding = '', reason } = refusal
      const id = [reason, namespace, binding, caller].join(' ')
      const there = counted.get(id)
      if (there) {
        there.count += 1
        return
      }
      if (counted.size < callersMax) {
        counted.set(id, { refusal, count: 1, at: now() })
        return
      }
      const rest = counted.get('others')
      if (rest) rest.count += 1
      else {
        const others = { caller: 'others', namespace: '', reason: 'many' }
        counted.set('others', { refusal: others, count: 1, at: now() })
      }
    },
    settle,
  }
}

import { timestamp, withConditions } from '#server/access/model/conditions.ts'
import type {
  Drift,
  ModelBinding,
  ModelBindingStatus,
  RepairedObject,
} from '#server/access/model/model-binding.ts'
import { statusOf } from './drift-finding.ts'
import type { DriftStep } from './drift-step.ts'
import { keyOf, type ObjectKey, recentRepairs } from './repair-backoff.ts'

type Recording = Extract<DriftStep, { step: `record-${string}` }>

const settled = {
  Repaired: 'It is as it was approved again.',
  Settled: 'It is as it was approved again, without a run of ours.',
  Compared: 'It is as it was approved.',
  Ended: 'Access has ended.',
} as const

/** The status after a step that writes nothing but status. Pure. */
export function driftStatusAfter(
  binding: ModelBinding,
  step: Recording,
  now: Date,
): ModelBindingStatus {
  const before = binding.status ?? {}
  const { generation = 1 } = binding.metadata
  const { drift } = before
  switch (step.step) {
    case 'record-drift': {
      const { changes, reason, message } = step
      const type = 'Drifted' as const
      const status = statusOf(reason)
      const condition = { type, status, reason, message: message.slice(0, 4000) }
      return {
        ...before,
        conditions: withConditions(before.conditions, [condition], generation, now),
        drift: {
          ...drift,
          since: drift && drift.changes.length > 0 ? drift.since : timestamp(now),
          changes,
          repairs: recentRepairs(drift, now),
          objects: drift?.objects?.filter((one) => recentRepairs(one, now) > 0),
        },
      }
    }
    case 'record-repair':
      return {
        ...before,
        drift: drift && {
          ...drift,
          run: step.run,
          repairs: drift.repairs + 1,
          repairedAt: timestamp(now),
          objects: countedRepairs(drift, step.objects, now),
        },
      }
    case 'record-uncompared': {
      const condition = {
        type: 'Drifted' as const,
        status: 'Unknown' as const,
        reason: 'PlanLost',
        message:
          'It cannot be compared with what was approved: no run holds that plan any more, and the model service has changed since. Change or extend the request to have it approved anew.',
      }
      return {
        ...before,
        conditions: withConditions(before.conditions, [condition], generation, now),
        drift: drift && { ...drift, changes: [] },
      }
    }
    case 'record-settled': {
      const { reason } = step
      const type = 'Drifted' as const
      const condition = { type, status: 'False' as const, reason, message: settled[reason] }
      return {
        ...before,
        conditions: withConditions(before.conditions, [condition], generation, now),
        drift: drift && { ...drift, changes: [] },
      }
    }
  }
}

/** A plan holds few objects: the newest entries suffice. */
const objectsMax = 50

function countedRepairs(drift: Drift, repaired: ObjectKey[], now: Date): RepairedObject[] {
  const past = drift.objects ?? []
  const isSame = (one: ObjectKey, other: ObjectKey) =>
    one.kind === other.kind && one.namespace === other.namespace && one.name === other.name
  const counted = repaired.map((object) => {
    const before = past.find((one) => isSame(one, object))
    return {
      ...keyOf(object),
      repairs: recentRepairs(before, now) + 1,
      repairedAt: timestamp(now),
    }
  })
  const rest = past.filter((one) => !repaired.some((object) => isSame(one, object)))
  return [...rest, ...counted].slice(-objectsMax)
}

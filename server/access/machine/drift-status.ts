import { timestamp, withConditions } from '#server/access/model/conditions.ts'
import type { ModelBinding, ModelBindingStatus } from '#server/access/model/model-binding.ts'
import { type DriftStep, recentRepairs } from './drift-step.ts'

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
  const status = binding.status ?? {}
  const { generation = 1 } = binding.metadata
  const { drift } = status
  switch (step.step) {
    case 'record-drift': {
      const { changes, reason, message } = step
      const type = 'Drifted' as const
      const condition = { type, status: 'True' as const, reason, message: message.slice(0, 4000) }
      return {
        ...status,
        conditions: withConditions(status.conditions, [condition], generation, now),
        drift: {
          ...drift,
          since: drift && drift.changes.length > 0 ? drift.since : timestamp(now),
          changes,
          repairs: recentRepairs(drift, now),
        },
      }
    }
    case 'record-repair':
      return {
        ...status,
        drift: drift && {
          ...drift,
          run: step.run,
          repairs: drift.repairs + 1,
          repairedAt: timestamp(now),
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
        ...status,
        conditions: withConditions(status.conditions, [condition], generation, now),
        drift: drift && { ...drift, changes: [] },
      }
    }
    case 'record-settled': {
      const { reason } = step
      const type = 'Drifted' as const
      const condition = { type, status: 'False' as const, reason, message: settled[reason] }
      return {
        ...status,
        conditions: withConditions(status.conditions, [condition], generation, now),
        drift: drift && { ...drift, changes: [] },
      }
    }
  }
}

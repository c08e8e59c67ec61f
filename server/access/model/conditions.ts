import type { Condition } from '#server/platform/model/kubernetes.ts'
import type { ConditionType } from './model-binding.ts'

export type ConditionChange = {
  type: ConditionType
  status: Condition['status']
  reason: string
  message: string
}

/** Sets conditions by type; the transition time moves only where the status does. */
export function withConditions(
  conditions: Condition[] | undefined,
  changes: ConditionChange[],
  observedGeneration: number,
  now: Date,
): Condition[] {
  const next = new Map((conditions ?? []).map((condition) => [condition.type, condition]))
  for (const change of changes) {
    const old = next.get(change.type)
    const lastTransitionTime =
      old && old.status === change.status ? old.lastTransitionTime : timestamp(now)
    next.set(change.type, { ...change, lastTransitionTime, observedGeneration })
  }
  return [...next.values()]
}

/** RFC 3339 to the second, as Kubernetes writes times. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

import type { Drift, PlannedChange } from '#server/access/model/model-binding.ts'

export type ObjectKey = Pick<PlannedChange, 'kind' | 'namespace' | 'name'>

export function keyOf({ kind, namespace, name }: ObjectKey): ObjectKey {
  return { kind, namespace, name }
}

/** What stayed in order for so long is no longer fought over: the next repair comes at once again. */
const quietMs = 600_000

/** How long the next repair waits after the n-th: somebody who fights it is not fought at full speed. */
export function repairBackoffMs(repairs: number): number {
  return repairs === 0 ? 0 : Math.min(10_000 * 2 ** (repairs - 1), 600_000)
}

/** How often it was put back lately. */
export function recentRepairs(
  past: { repairs: number; repairedAt?: string } | undefined,
  now: Date,
): number {
  if (!past?.repairedAt) return 0
  return now.getTime() - Date.parse(past.repairedAt) > quietMs + repairBackoffMs(past.repairs)
    ? 0
    : past.repairs
}

/** Of the object alone: who fights over one does not keep another open. */
export function dueAt(drift: Drift, object: ObjectKey, now: Date): Date {
  const past = pastOf(drift, object)
  const last = past ? Date.parse(past.repairedAt) : 0
  return new Date(last + repairBackoffMs(recentRepairs(past, now)))
}

export function pastOf(drift: Drift | undefined, { kind, namespace, name }: ObjectKey) {
  return drift?.objects?.find(
    (one) => one.kind === kind && one.namespace === namespace && one.name === name,
  )
}

import type { ModelBinding } from '#server/access/model/model-binding.ts'
import type { Quota } from '#server/access/model/quota.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { labels } from '#server/platform/model/names.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { planIn } from './sealed-runs.ts'

/**
 * What the namespace of a request holds of its model service without it: of its other bindings that stand or are approved, requests per minute
 * and concurrency; tokens also of those that ended, changed or were deleted today (UTC), as their runs tell.
 * `inNamespace` and `runs` are all of the namespace.
 */
export function heldQuota(
  binding: ModelBinding,
  inNamespace: readonly ModelBinding[],
  runs: readonly TaskRun[],
  now: Date,
): Quota {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate())
  const own = binding.metadata.uid ?? ''
  const isSame = ({ namespace, name }: ObjectRef) =>
    namespace === binding.spec.modelService.namespace && name === binding.spec.modelService.name
  const others = inNamespace.filter(({ spec }) => isSame(spec.modelService))
  const held = others
    .filter(({ metadata }) => metadata.uid !== own)
    .map((one) => ({ uid: one.metadata.uid ?? '', quota: standing(one) }))
  const tokens = new Map<string, number>()
  const raise = (uid: string, count: number) => {
    tokens.set(uid, Math.max(tokens.get(uid) ?? 0, count))
  }
  for (const { uid, quota } of held) raise(uid, quota.tokensPerDay)
  for (const { metadata, status } of others) {
    for (const past of status?.history ?? []) {
      if (Date.parse(past.until) >= today) raise(metadata.uid ?? '', past.quota.tokensPerDay)
    }
  }
  const uidOf = ({ metadata }: TaskRun) => metadata.labels?.[labels.bindingUid] ?? ''
  const startedToday = ({ status }: TaskRun) => Date.parse(status?.startTime ?? '') >= today
  const active = new Set(runs.filter(startedToday).map(uidOf))
  for (const run of runs) {
    // A run that never began has granted nothing.
    if (!active.has(uidOf(run)) || !run.status?.startTime) continue
    const plan = planIn(run)?.plan
    if (plan && isSame(plan.modelService)) raise(uidOf(run), plan.grant.quota.tokensPerDay)
  }
  const beyondOwn = Math.max(0, (tokens.get(own) ?? 0) - binding.spec.quota.tokensPerDay)
  tokens.delete(own)
  return {
    requestsPerMinute: sum(held.map(({ quota }) => quota.requestsPerMinute)),
    concurrency: sum(held.map(({ quota }) => quota.concurrency)),
    tokensPerDay: sum([...tokens.values()]) + beyondOwn,
  }
}

const nothing: Quota = { requestsPerMinute: 0, concurrency: 0, tokensPerDay: 0 }

/** What is granted and not proven to have ended, or approved and about to be granted; the larger of the two. */
function standing({ metadata, spec, status }: ModelBinding): Quota {
  const granted = status?.end?.provenAt ? undefined : status?.granted?.quota
  const approved = status?.decisions?.some(
    ({ decision, generation }) => decision === 'approve' && generation === metadata.generation,
  )
  const next = approved && !status?.end ? spec.quota : undefined
  const both = [granted ?? nothing, next ?? nothing]
  return {
    requestsPerMinute: Math.max(...both.map((one) => one.requestsPerMinute)),
    concurrency: Math.max(...both.map((one) => one.concurrency)),
    tokensPerDay: Math.max(...both.map((one) => one.tokensPerDay)),
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

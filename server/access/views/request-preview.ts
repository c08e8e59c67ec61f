import { policyName } from '#server/access/model/binding-names.ts'
import {
  conflictChange,
  createChange,
  deleteChange,
  updateChange,
} from '#server/access/model/diff-objects.ts'
import type { ModelBinding, PlannedChange } from '#server/access/model/model-binding.ts'
import {
  type BindPlan,
  bindPlanSchema,
  type PlanTarget,
  parseSealed,
  sealText,
} from '#server/access/model/plan.ts'
import { renderPlan, targetOf } from '#server/access/model/render-plan.ts'
import type { FieldError } from '#server/platform/model/errors.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'

/** What a request would come to if it were sent and approved as it is. */
export type RequestPreview = {
  /** The objects of its plan, beside those of the grant that stands. */
  changes: PlannedChange[]
  /** What pods of the namespace would call, from anywhere in the cluster. */
  address: string
  /** Beside the fields for which it would be refused. */
  problems: FieldError[]
}

/** Stands for what is given when a request is sent: the uid, and the names that are made of it. */
export const notYet = '…'

/** The plan of this wish, compared with what the grant in force made; `foreign` is why the alias cannot be had. */
export function previewOf(
  binding: ModelBinding,
  service: ModelService,
  clusterDomain: string,
  problems: FieldError[],
): RequestPreview {
  const plan = asSealed(renderPlan(binding, service, clusterDomain))
  const granted = binding.status?.granted
  const before = granted && {
    ...binding,
    spec: { ...binding.spec, strategy: granted.strategy, alias: granted.alias },
  }
  const standing = new Map(
    before &&
      asSealed(renderPlan(before, service, clusterDomain)).apply.map(
        (object) => [keyOf(targetOf(object)), object] as const,
      ),
  )
  const foreign = problems.find(({ field }) => field === 'alias')?.message
  const changes = [
    ...plan.apply.map((object) => {
      const target = targetOf(object)
      const before = standing.get(keyOf(target))
      if (before) return updateChange(target, before, object)
      if (foreign && target.kind === 'Service') return conflictChange(target, foreign)
      return createChange(target, object)
    }),
    ...plan.remove.map((target) => deleteChange(target, standing.get(keyOf(target)) ?? {})),
  ]
  return { changes: changes.map((one) => named(one, binding)), address: plan.address, problems }
}

/** The policy's name is made of the uid, which a first request does not have yet. */
function named(change: PlannedChange, binding: ModelBinding): PlannedChange {
  if (binding.metadata.uid !== notYet || change.name !== policyName(binding)) return change
  return { ...change, name: `bind-${notYet}` }
}

/** As approvers will read it: the seal puts the fields in an order of its own. */
function asSealed(plan: BindPlan): BindPlan {
  const { text, digest } = sealText(plan)
  return parseSealed(bindPlanSchema, text, digest)
}

function keyOf({ kind, namespace, name }: PlanTarget): string {
  return `${kind}/${namespace}/${name}`
}

import type { ControllerContext } from '#server/access/machine/load-binding-state.ts'
import type { RightsHolder } from '#server/access/model/binding-names.ts'
import { createChange, foreignChange, updateChange } from '#server/access/model/diff-objects.ts'
import type { ModelBinding, PlannedChange } from '#server/access/model/model-binding.ts'
import { objectDiffers } from '#server/access/model/object-differs.ts'
import type { BindPlan, PlanObject, PlanTarget } from '#server/access/model/plan.ts'
import { targetOf } from '#server/access/model/render-plan.ts'
import { RoleBinding } from '#server/platform/kube/kinds.ts'
import { canonicalJson } from '#server/platform/model/canonical-json.ts'
import type { KubeObject } from '#server/platform/model/kubernetes.ts'
import { binderFieldManager } from '#server/platform/model/names.ts'
import type { LiveObjects } from './live-objects.ts'
import { isOwn, kindOf } from './plan-objects.ts'
import { rightsOf } from './rights-object.ts'

const holders: RightsHolder[] = ['binder', 'controller']

/** Objects of the plan that may differ, by what the watches last saw: costs the API server nothing. */
export function suspects(plan: BindPlan, live: LiveObjects): PlanObject[] {
  return plan.apply.filter((object) => {
    const there = liveOf(live, targetOf(object))
    return !there || objectDiffers(object, there)
  })
}

/** Rights that are gone or were edited. They come first: without them the rest can neither be looked at nor put back. */
export async function rightsDrift(
  ctx: Pick<ControllerContext, 'kube' | 'servingNamespace'>,
  binding: ModelBinding,
  live: LiveObjects,
): Promise<PlannedChange[]> {
  const changes: PlannedChange[] = []
  for (const holder of holders) {
    const wanted = rightsOf(binding, holder, ctx.servingNamespace)
    const { namespace, name } = wanted.metadata
    const seen = live.rights.find((one) => one.metadata.name === name)
    if (seen && !rightDiffers(wanted, seen)) continue
    // What the watch has not brought yet is not gone.
    const there = await ctx.kube.find(RoleBinding, { namespace, name })
    if (!there) changes.push(createChange(targetOf(wanted), wanted))
    else if (rightDiffers(wanted, there)) {
      changes.push(updateChange(targetOf(wanted), rulesOf(there), rulesOf(wanted)))
    }
  }
  return changes
}

/** What putting the suspects back would change, as the server itself says: a dry run of the plan by force. */
export async function confirmDrift(
  ctx: Pick<ControllerContext, 'kube'>,
  plan: BindPlan,
  objects: PlanObject[],
): Promise<PlannedChange[]> {
  const changes = await Promise.all(objects.map((object) => confirm(ctx, plan, object)))
  return changes.filter(({ change }) => change !== 'unchanged')
}

async function confirm(
  ctx: Pick<ControllerContext, 'kube'>,
  plan: BindPlan,
  object: PlanObject,
): Promise<PlannedChange> {
  const target = targetOf(object)
  const kind = kindOf(target)
  const live = await ctx.kube.find(kind, target)
  if (!live) return createChange(target, object)
  if (!isOwn(live, plan.binding)) return foreignChange(target)
  const options = { fieldManager: binderFieldManager, dryRun: true, force: true }
  return updateChange(target, live, await ctx.kube.apply(kind, object, options))
}

function liveOf(live: LiveObjects, target: PlanTarget): KubeObject | undefined {
  const all: KubeObject[] = [...live.services, ...live.slices, ...live.policies]
  return all.find(
    ({ kind, metadata }) =>
      kind === target.kind &&
      metadata.name === target.name &&
      metadata.namespace === target.namespace,
  )
}

/** Who gets which role; that is all there is to a right. */
function rulesOf({ roleRef, subjects }: RoleBinding): object {
  return { roleRef, subjects }
}

function rightDiffers(wanted: RoleBinding, live: RoleBinding): boolean {
  return canonicalJson(rulesOf(wanted)) !== canonicalJson(rulesOf(live))
}

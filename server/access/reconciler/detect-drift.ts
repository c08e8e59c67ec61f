import type { ControllerContext } from '#server/access/machine/load-binding-state.ts'
import type { RightsHolder } from '#server/access/model/binding-names.ts'
import {
  conflictChange,
  createChange,
  foreignChange,
  shownValue,
  unknownChange,
  updateChange,
} from '#server/access/model/diff-objects.ts'
import { leadDifferences, leadPatch, objectDiffers } from '#server/access/model/lead-differences.ts'
import type { ModelBinding, PlannedChange } from '#server/access/model/model-binding.ts'
import type { BindPlan, PlanObject, PlanTarget } from '#server/access/model/plan.ts'
import { targetOf } from '#server/access/model/render-plan.ts'
import { EndpointSlice, RoleBinding } from '#server/platform/kube/kinds.ts'
import { isPassing } from '#server/platform/kube/translate-status.ts'
import { canonicalJson } from '#server/platform/model/canonical-json.ts'
import { AppError } from '#server/platform/model/errors.ts'
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

/**
 * Where the suspects lead otherwise than the plan, each compared by itself: one that the cluster does not let be compared
 * says so and keeps no other from being compared. Throws where the cluster failed to answer and nothing else differs.
 */
export async function confirmDrift(
  ctx: Pick<ControllerContext, 'kube'>,
  plan: BindPlan,
  objects: PlanObject[],
): Promise<PlannedChange[]> {
  const compared = await Promise.allSettled(objects.map((object) => compare(ctx, plan, object)))
  const changes = compared.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  const differing = changes.filter(({ change }) => change !== 'unchanged')
  const failed = compared.find((one) => one.status === 'rejected')
  if (failed && differing.length === 0) throw failed.reason
  return differing
}

async function compare(
  ctx: Pick<ControllerContext, 'kube'>,
  plan: BindPlan,
  object: PlanObject,
): Promise<PlannedChange> {
  const target = targetOf(object)
  const kind = kindOf(target)
  try {
    const live = await ctx.kube.find(kind, target)
    if (!live) return createChange(target, object)
    if (!isOwn(live, plan.binding)) return foreignChange(target)
    const fields = leadDifferences(object, live)
    if (fields.length === 0) return { ...target, change: 'unchanged', fields }
    const after = await tryRepair(ctx, object, live)
    if (typeof after === 'string') return { ...target, change: 'update', fields, message: after }
    // A webhook of the cluster's own that makes it so will make it so again.
    const remaining = leadDifferences(object, after)
    const change = canonicalJson(remaining) === canonicalJson(fields) ? 'unchanged' : 'update'
    return { ...target, change, fields }
  } catch (error) {
    if (!(error instanceof AppError) || isPassing(error)) throw error
    return unknownChange(target, error.message)
  }
}

/** The object after a dry run of its repair, or why the cluster refuses that. */
async function tryRepair(
  ctx: Pick<ControllerContext, 'kube'>,
  object: PlanObject,
  live: KubeObject,
): Promise<KubeObject | string> {
  const target = targetOf(object)
  try {
    const options = { fieldManager: binderFieldManager, dryRun: true }
    return await ctx.kube.patch(kindOf(target), target, leadPatch(object, live), options)
  } catch (error) {
    if (!(error instanceof AppError) || isPassing(error)) throw error
    return error.message.slice(0, 1000)
  }
}

/**
 * Slices of others that lead the alias to other addresses: kube-proxy follows every slice that names the Service, whoever
 * made it.
 */
export async function strayDrift(
  ctx: Pick<ControllerContext, 'kube'>,
  live: LiveObjects,
): Promise<PlannedChange[]> {
  const changes: PlannedChange[] = []
  for (const { metadata } of live.strays) {
    const { namespace = '', name } = metadata
    const target = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace, name }
    const there = await ctx.kube.find(EndpointSlice, { namespace, name })
    if (!there || there.metadata.uid !== metadata.uid || there.metadata.deletionTimestamp) continue
    const addresses = there.endpoints.flatMap((one) => one.addresses)
    const fields = [{ path: 'endpoints', live: shownValue(addresses) }]
    changes.push({ ...target, change: 'delete', fields })
  }
  return changes
}

/** A policy that carries a binding's label and that no plan made lets in what nobody approved. */
export function strayPolicies(plan: BindPlan, live: LiveObjects): PlannedChange[] {
  const planned = new Set(plan.apply.map(({ metadata }) => metadata.name))
  return live.policies
    .filter(({ metadata }) => !planned.has(metadata.name))
    .map(({ metadata: { namespace = '', name } }) => {
      const target = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace, name }
      const message = `NetworkPolicy ${namespace}/${name} is marked as this binding's, and nobody approved it. Delete it.`
      return conflictChange(target, message)
    })
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

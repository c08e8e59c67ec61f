import { foreignMessage } from '#server/access/model/diff-objects.ts'
import { grantInForce } from '#server/access/model/grant-in-force.ts'
import { leadDifferences, leadPatch } from '#server/access/model/lead-differences.ts'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import {
  type BindPlan,
  bindPlanSchema,
  type PlanObject,
  parseSealed,
} from '#server/access/model/plan.ts'
import { targetOf } from '#server/access/model/render-plan.ts'
import { isOwn, kindOf } from '#server/access/reconciler/plan-objects.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { KubeObject } from '#server/platform/model/kubernetes.ts'
import { binderFieldManager } from '#server/platform/model/names.ts'
import { stepArgs } from '#server/platform/step/step-args.ts'
import { logStep } from '#server/platform/step/step-log.ts'
import { removeTargets } from './remove-targets.ts'

/** Applies exactly the approved plan: digest, approval and ownership are checked before anything is written. */
export async function run(args: string[], signal: AbortSignal): Promise<void> {
  const given = stepArgs(args, ['plan', 'digest', 'binding', 'repair'])
  const { plan: text, digest, binding } = given
  const repair = given.repair === 'true'
  await applyPlan(connectKube({ signal }), { text, digest, binding, repair }, new Date())
}

export async function applyPlan(
  kube: Kube,
  input: { text: string; digest: string; binding: string; repair?: boolean },
  now: Date,
): Promise<void> {
  const plan = parseSealed(bindPlanSchema, input.text, input.digest)
  refuseStray(plan, input.binding)
  logStep(`The plan is the one that was reviewed: ${input.digest}`)
  await refuseUnapproved(kube, plan, input.digest, now)

  if (input.repair) await repairPlan(kube, plan)
  else {
    for (const object of plan.apply) await refuseForeign(kube, plan, object)
    for (const object of plan.apply) await applyObject(kube, object, false)
  }
  await removeTargets(kube, plan)
  logStep('Everything in the plan is applied.')
}

/** A plan writes a name in its tenant's namespace and a policy in its service's; anything else is no plan of ours. */
function refuseStray(plan: BindPlan, binding: string): void {
  const { namespace, name } = plan.binding
  if (`${namespace}/${name}` !== binding) {
    throw new AppError('conflict', `The plan is for ${namespace}/${name}, not for ${binding}.`)
  }
  for (const target of [...plan.apply.map(targetOf), ...plan.remove]) {
    const home = target.kind === 'NetworkPolicy' ? plan.modelService.namespace : namespace
    if (target.namespace !== home) {
      const text = `The plan writes a ${target.kind} into namespace ${target.namespace}.`
      throw new AppError('forbidden', text)
    }
  }
}

/** A run that somebody released without a decision, or that comes too late, does nothing. */
async function refuseUnapproved(
  kube: Kube,
  plan: BindPlan,
  digest: string,
  now: Date,
): Promise<void> {
  const binding = await kube.get(ModelBinding, plan.binding)
  if (binding.metadata.uid !== plan.binding.uid) {
    throw new AppError('conflict', 'The binding was made anew since the plan was sealed.')
  }
  const force = grantInForce(binding, now, true)
  if (!('grant' in force) || force.grant.digest !== digest) {
    throw new AppError('forbidden', 'Nobody has approved this plan, or its access has ended.')
  }
  logStep(`Approved by ${force.grant.approvedBy.join(', ')} at ${force.grant.approvedAt}`)
}

/**
 * Takes back by force what is ours, the policy first. What belongs to somebody else is left alone; neither that nor an
 * object that cannot be put back keeps the others from being put back.
 */
async function repairPlan(kube: Kube, plan: BindPlan): Promise<void> {
  const isPolicy = ({ kind }: PlanObject) => kind === 'NetworkPolicy'
  const objects = [...plan.apply].sort((a, b) => Number(isPolicy(b)) - Number(isPolicy(a)))
  const failures: string[] = []
  for (const object of objects) {
    try {
      await repairObject(kube, plan, object)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const { kind, namespace, name } = targetOf(object)
      failures.push(`${kind} ${namespace}/${name}: ${error.message}`)
      logStep(`✗ ${failures.at(-1)}`)
    }
  }
  if (failures.length > 0) throw new AppError('conflict', failures.join(' '))
}

async function repairObject(kube: Kube, plan: BindPlan, object: PlanObject): Promise<void> {
  const target = targetOf(object)
  const kind = kindOf(target)
  const live = await kube.find(kind, target)
  if (live && !isOwn(live, plan.binding)) {
    logStep(`${foreignMessage(target)} It is left alone.`)
    return
  }
  if (live && leadDifferences(object, live).length > 0) {
    // Apply leaves what others added. Who added it owns it no longer, nor does this patch: apply takes all of it.
    const patch = leadPatch(object, live)
    await kube.patch(kind, target, patch, { fieldManager: binderFieldManager })
    await kube.patch(kind, target, { metadata: { managedFields: [{}] } })
  }
  await applyObject(kube, object, true)
}

async function refuseForeign(kube: Kube, plan: BindPlan, object: PlanObject): Promise<void> {
  const target = targetOf(object)
  const live = await kube.find(kindOf(target), target)
  if (live && !isOwn(live, plan.binding)) throw new AppError('conflict', foreignMessage(target))
}

async function applyObject(kube: Kube, object: PlanObject, force: boolean): Promise<void> {
  const target = targetOf(object)
  const kind = kindOf(target)
  const before = await kube.find(kind, target)
  // Without force: fields that somebody else has taken over are a conflict, and the run says whose.
  const after = await kube.apply(kind, object, { fieldManager: binderFieldManager, force })
  logStep(`${target.kind} ${target.namespace}/${target.name}: ${whatHappened(before, after)}`)
}

function whatHappened(before: KubeObject | undefined, after: KubeObject): string {
  if (!before) return 'created'
  const same = before.metadata.resourceVersion === after.metadata.resourceVersion
  return same ? 'unchanged' : 'updated'
}

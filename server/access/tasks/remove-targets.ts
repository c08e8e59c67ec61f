import type { BindPlan, PlanTarget, UnbindPlan } from '#server/access/model/plan.ts'
import { isOwn, kindOf } from '#server/access/reconciler/plan-objects.ts'
import { Namespace } from '#server/platform/kube/kinds.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { isNotFound } from '#server/platform/kube/translate-status.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { logStep } from '#server/platform/step/step-log.ts'

/** Removes, in order, what carries the uid of this binding; what belongs to somebody else is left alone. */
export async function removeTargets(kube: Kube, plan: BindPlan | UnbindPlan): Promise<void> {
  for (const target of plan.remove)
    logStep(`${nameOf(target)}: ${await removeTarget(kube, plan, target)}`)
}

/** Whether the target is there and ours; `going` where its whole namespace is being deleted. */
export async function lookAt(
  kube: Kube,
  plan: BindPlan | UnbindPlan,
  target: PlanTarget,
): Promise<{ uid?: string } | 'gone' | 'foreign' | 'going'> {
  try {
    const live = await kube.find(kindOf(target), target)
    if (!live) return 'gone'
    return isOwn(live, plan.binding) ? { uid: live.metadata.uid } : 'foreign'
  } catch (error) {
    // Our rights go with the namespace: what cannot be read there any more goes with it too.
    if (error instanceof AppError && error.code === 'forbidden') {
      if (await isGoing(kube, target.namespace)) return 'going'
    }
    throw error
  }
}

export function nameOf(target: PlanTarget): string {
  return `${target.kind} ${target.namespace}/${target.name}`
}

async function removeTarget(
  kube: Kube,
  plan: BindPlan | UnbindPlan,
  target: PlanTarget,
): Promise<string> {
  const seen = await lookAt(kube, plan, target)
  if (seen === 'gone') return 'is not there'
  if (seen === 'foreign') return 'belongs to somebody else, left alone'
  if (seen === 'going') return 'goes with its namespace'
  try {
    await kube.remove(kindOf(target), target, { uid: seen.uid, propagation: 'Background' })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  return 'removed'
}

async function isGoing(kube: Kube, name: string): Promise<boolean> {
  const namespace = await kube.find(Namespace, { name })
  return !namespace || namespace.metadata.deletionTimestamp !== undefined
}

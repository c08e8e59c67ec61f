import {
  conflictChange,
  createChange,
  deleteChange,
  foreignChange,
  updateChange,
} from '#server/access/model/diff-objects.ts'
import type { PlannedChange } from '#server/access/model/model-binding.ts'
import type { BindPlan, PlanObject, PlanTarget } from '#server/access/model/plan.ts'
import { targetOf } from '#server/access/model/render-plan.ts'
import { isOwn, kindOf } from '#server/access/reconciler/plan-objects.ts'
import { isFieldConflict } from '#server/platform/kube/translate-status.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { binderFieldManager } from '#server/platform/model/names.ts'
import type { ControllerContext } from './load-binding-state.ts'

/** What the plan would do to the live cluster: a server-side dry run of each object, as the run would apply it. */
export async function previewPlan(
  ctx: Pick<ControllerContext, 'kube'>,
  plan: BindPlan,
): Promise<PlannedChange[]> {
  const changes: PlannedChange[] = []
  for (const object of plan.apply) changes.push(await previewApply(ctx, plan, object))
  for (const target of plan.remove) {
    const live = await ctx.kube.find(kindOf(target), target)
    if (live && isOwn(live, plan.binding)) changes.push(deleteChange(target, live))
  }
  return changes
}

async function previewApply(
  ctx: Pick<ControllerContext, 'kube'>,
  plan: BindPlan,
  object: PlanObject,
): Promise<PlannedChange> {
  const target: PlanTarget = targetOf(object)
  const kind = kindOf(target)
  const live = await ctx.kube.find(kind, target)
  if (live && !isOwn(live, plan.binding)) return foreignChange(target)
  try {
    const options = { fieldManager: binderFieldManager, dryRun: true }
    const dryRun = await ctx.kube.apply(kind, object, options)
    return live ? updateChange(target, live, dryRun, object) : createChange(target, object)
  } catch (error) {
    if (!isRefusal(error)) throw error
    return conflictChange(target, error.message)
  }
}

/** Somebody else's fields, or an object that the server will not have: approvers should see why. */
function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && (isFieldConflict(error) || error.code === 'unprocessable')
}

import { type RightsHolder, rightsName } from '#server/access/model/binding-names.ts'
import { requestIdOf } from '#server/access/model/binding-request-id.ts'
import { ModelBinding, type PlannedChange } from '#server/access/model/model-binding.ts'
import { bindPlanSchema, parseSealed, type SealedText } from '#server/access/model/plan.ts'
import { rightsOf } from '#server/access/reconciler/rights-object.ts'
import { replaceStatus } from '#server/access/verbs/binding-access.ts'
import { RoleBinding } from '#server/platform/kube/kinds.ts'
import type { Ref } from '#server/platform/kube/kube.ts'
import { isAlreadyExists, isNotFound } from '#server/platform/kube/translate-status.ts'
import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import { bindingFinalizer } from '#server/platform/model/names.ts'
import { runRequestNote } from '#server/platform/model/request-trace.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { bindRun, unbindRun } from './binding-runs.ts'
import { applyStep } from './binding-status.ts'
import type { BindingSnapshot, BindingStep } from './binding-step.ts'
import { discardRun } from './discard-run.ts'
import type { ControllerContext } from './load-binding-state.ts'
import { previewPlan } from './preview-plan.ts'
import { verifyReceipt } from './verify-receipt.ts'

/** One write. Doing it twice is harmless; resting on something that has changed since, it is refused as a conflict. */
export async function executeStep(
  ctx: ControllerContext,
  world: BindingSnapshot,
  step: Exclude<BindingStep, { step: 'wait' }>,
): Promise<void> {
  const { binding } = world
  switch (step.step) {
    case 'add-finalizer':
      return setFinalizers(ctx, binding, [...(binding.metadata.finalizers ?? []), bindingFinalizer])
    case 'remove-finalizer': {
      const rest = (binding.metadata.finalizers ?? []).filter((one) => one !== bindingFinalizer)
      return setFinalizers(ctx, binding, rest)
    }
    case 'give-rights':
      return giveRights(ctx, binding, step.holder)
    case 'take-rights': {
      const { namespace } = binding.metadata
      return removeIfThere(ctx, RoleBinding, { namespace, name: rightsName(binding, step.holder) })
    }
    case 'create-bind-run':
      return createRun(ctx, bindRun(ctx.servingNamespace, binding, step))
    case 'create-unbind-run':
      return createRun(ctx, unbindRun(ctx.servingNamespace, binding, step))
    case 'release-run':
      // What it does from here on, it does for the request that let it go.
      return patchRun(ctx, step.run, { status: null }, runRequestNote(requestIdOf(binding)))
    case 'cancel-run': {
      const statusMessage = 'Access is ending before it was set up.'
      return patchRun(ctx, step.run, { status: 'TaskRunCancelled', statusMessage })
    }
    case 'discard-run':
      return discardRun(ctx, step.run)
    case 'record-seal':
      return recordSeal(ctx, binding, step, await previewOf(ctx, step.plan))
    case 'record-grant': {
      // What came in the way after the seal is shown in place of a run that would fail on it.
      const changes = await previewOf(ctx, step.plan)
      if (changes.some(({ change }) => change === 'conflict')) {
        return recordSeal(ctx, binding, { ...step, step: 'record-seal' }, changes)
      }
      await replaceStatus(ctx, binding, applyStep(binding, step, ctx.now()))
      return
    }
    default: {
      const verified = await verifyReceipt(ctx, binding, step)
      await replaceStatus(ctx, binding, applyStep(binding, verified, ctx.now()))
    }
  }
}

function previewOf(ctx: ControllerContext, plan: SealedText): Promise<PlannedChange[]> {
  return previewPlan(ctx, parseSealed(bindPlanSchema, plan.text, plan.digest))
}

async function recordSeal(
  ctx: ControllerContext,
  binding: ModelBinding,
  step: Extract<BindingStep, { step: 'record-seal' }>,
  changes: PlannedChange[],
): Promise<void> {
  await replaceStatus(ctx, binding, applyStep(binding, step, ctx.now(), changes))
}

async function setFinalizers(
  ctx: ControllerContext,
  binding: ModelBinding,
  finalizers: string[],
): Promise<void> {
  const { namespace, name, resourceVersion } = binding.metadata
  const metadata = { resourceVersion, finalizers }
  await ctx.kube.patch(ModelBinding, { namespace, name }, { metadata })
}

async function giveRights(
  ctx: ControllerContext,
  binding: ModelBinding,
  holder: RightsHolder,
): Promise<void> {
  await createUnlessThere(ctx, RoleBinding, rightsOf(binding, holder, ctx.servingNamespace))
}

function createRun(ctx: ControllerContext, run: TaskRun): Promise<void> {
  return createUnlessThere(ctx, TaskRun, run)
}

async function patchRun(
  ctx: ControllerContext,
  run: TaskRun,
  spec: object,
  annotations: Record<string, string> = {},
): Promise<void> {
  const { namespace, name, resourceVersion } = run.metadata
  await ctx.kube.patch(
    TaskRun,
    { namespace, name },
    { metadata: { resourceVersion, annotations }, spec },
  )
}

async function createUnlessThere<T extends KubeObject>(
  ctx: ControllerContext,
  kind: Kind<T>,
  object: T,
): Promise<void> {
  try {
    await ctx.kube.create(kind, object)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

async function removeIfThere<T extends KubeObject>(
  ctx: ControllerContext,
  kind: Kind<T>,
  ref: Ref,
): Promise<void> {
  try {
    await ctx.kube.remove(kind, ref, { propagation: 'Background' })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

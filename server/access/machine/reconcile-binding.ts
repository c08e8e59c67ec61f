import { requestIdOf } from '#server/access/model/binding-request-id.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { isConflict } from '#server/platform/kube/translate-status.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { traced } from '#server/platform/tracing/spans.ts'
import type { BindingSnapshot } from './binding-step.ts'
import { executeStep } from './execute-step.ts'
import { type ControllerContext, loadBindingState } from './load-binding-state.ts'
import { planNextStep } from './plan-next-step.ts'

/** More steps than any story has; reaching it means that two parties undo each other's work. */
const stepsMax = 60

/**
 * Takes steps until nothing is left to do now; answers when to look again, if time alone will bring something. `seen` is
 * what watches know: where nothing is to be done by it, nothing is read. What has to be done is decided from the cluster
 * alone, so that a cache that lags can only delay a step, and its event comes.
 */
export async function reconcileBinding(
  ctx: ControllerContext,
  ref: ObjectRef,
  seen?: BindingSnapshot,
  onStep: () => void = () => {},
): Promise<{ binding?: ModelBinding; until?: Date }> {
  const resting = seen && planNextStep(seen)
  if (resting?.step === 'wait') return { binding: seen?.binding, until: resting.until }
  for (let count = 0; count < stepsMax; count += 1) {
    ctx.signal.throwIfAborted()
    const world = await loadBindingState(ctx, ref)
    if (!world) return {}
    const step = planNextStep(world)
    if (step.step === 'wait') return { binding: world.binding, until: step.until }
    const requestId = requestIdOf(world.binding)
    ctx.log.info(
      { binding: `${ref.namespace}/${ref.name}`, step: step.step, requestId },
      'binding step started',
    )
    try {
      const span = { name: `access ${step.step}`, requestId, attributes: attributesOf(ref) }
      await traced(span, async () => {
        if (step.step === 'record-auto-approval') await approveInTurn(ctx, ref)
        else await executeStep(ctx, world, step)
      })
      onStep()
    } catch (error) {
      // Somebody wrote first: what is to be done now is read anew.
      if (!isConflict(error)) throw error
    }
  }
  throw new AppError('internal', `The binding ${ref.namespace}/${ref.name} does not come to rest.`)
}

function attributesOf({ namespace, name }: ObjectRef) {
  return { 'bindery.binding': `${namespace}/${name}` }
}

/** By namespace: two requests that are judged at once would each be judged without the other. */
const turns = new Map<string, Promise<void>>()

async function approveInTurn(ctx: ControllerContext, ref: ObjectRef): Promise<void> {
  const before = turns.get(ref.namespace)
  const turn = (async () => {
    await before?.catch(() => {})
    const world = await loadBindingState(ctx, ref)
    if (!world) return
    const step = planNextStep(world)
    if (step.step === 'record-auto-approval') await executeStep(ctx, world, step)
  })()
  turns.set(ref.namespace, turn)
  try {
    await turn
  } finally {
    if (turns.get(ref.namespace) === turn) turns.delete(ref.namespace)
  }
}

import { bindRunName } from '#server/access/model/binding-names.ts'
import type { Grant } from '#server/access/model/model-binding.ts'
import {
  bindPlanSchema,
  parseSealed,
  type SealedText,
  sealText,
} from '#server/access/model/plan.ts'
import { activeGrant, requestAgainst } from '#server/access/model/requested-changes.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { annotations, unknownRequester } from '#server/platform/model/names.ts'
import { paramOf, receiptOf, runResult } from '#server/runs/model/run-result.ts'
import type { Ring } from '#server/serving/model/model-service.ts'
import type { BindingSnapshot, BindingStep } from './binding-step.ts'
import { approvedPlan, planIn } from './sealed-runs.ts'

/** From the approval to access that was used once. */
export function carryOut(world: BindingSnapshot): BindingStep | undefined {
  const { binding, rights, runs } = world
  const granted = activeGrant(binding)
  const provisioned = conditionOf(binding.status?.conditions, 'Provisioned')
  if (!granted || provisioned?.status !== 'Unknown' || world.serving !== 'active') return undefined
  if (!rights.has('binder')) return { step: 'give-rights', holder: 'binder' }
  if (!rights.has('controller')) return { step: 'give-rights', holder: 'controller' }

  const name = bindRunName(binding, granted.generation, binding.status?.attempt ?? 0)
  const run = runs.get(name)
  if (!run) {
    const plan = approvedPlan(world, granted.digest)
    if (plan) {
      const { generation } = granted
      return { step: 'create-bind-run', name, plan, generation, pending: false }
    }
    const message =
      'The approved plan is gone and cannot be made again. Change the request to ask anew.'
    return { step: 'record-failure', reason: 'PlanLost', message }
  }
  if (paramOf(run, 'digest') !== granted.digest || !planIn(run)) {
    return { step: 'discard-run', run }
  }
  if (run.spec.status === 'TaskRunPending') return { step: 'release-run', run }
  const result = runResult(run)
  if (result.state === 'succeeded') {
    const receipt = receiptOf(run)
    if (receipt) return { step: 'record-success', receipt }
    const message = `The run ${name} ended well, but without a receipt that can be read.`
    return { step: 'record-failure', run, reason: 'ReceiptMissing', message }
  }
  if (result.state === 'failed') {
    return { step: 'record-failure', run, reason: 'RunFailed', message: result.message }
  }
  return { step: 'wait' }
}

/** A spec that asks for what is granted, or for less of it, needs nobody: the grant follows at once. */
export function follow(world: BindingSnapshot): BindingStep | undefined {
  const { binding, now } = world
  const granted = activeGrant(binding)
  if (!granted || granted.generation === binding.metadata.generation) return undefined
  switch (requestAgainst(granted, binding.spec, now)) {
    case 'nothing':
      return { step: 'record-unchanged' }
    case 'less': {
      const by = binding.metadata.annotations?.[annotations.requestedBy] ?? unknownRequester
      return { step: 'record-reduction', by }
    }
    case 'request':
      return undefined
  }
}

/** A grant goes to another ring by a run of its own plan with that ring in it: sealed, recorded, then released. */
export function moveRing(world: BindingSnapshot): BindingStep | undefined {
  const { binding, rights, runs } = world
  const { move, attempt = 0 } = binding.status ?? {}
  const granted = activeGrant(binding)
  if (!move || !granted) return undefined
  if (move.ring === granted.ring) return { step: 'record-move-void' }
  if (world.serving !== 'active') return undefined
  if (!rights.has('controller')) return { step: 'give-rights', holder: 'controller' }
  const plan = movedPlan(world, granted, move.ring)
  if (!plan) return { step: 'record-move-void' }

  const { generation } = granted
  const name = bindRunName(binding, generation, attempt + 1)
  const run = runs.get(name)
  if (!run) return { step: 'create-bind-run', name, plan, generation, pending: true }
  if (run.spec.status !== 'TaskRunPending' || paramOf(run, 'digest') !== plan.digest) {
    return { step: 'discard-run', run }
  }
  return { step: 'record-move', run: name, digest: plan.digest, ring: move.ring }
}

/** The objects that were reviewed stay as they are; only the ring is another. */
function movedPlan(world: BindingSnapshot, granted: Grant, ring: Ring): SealedText | undefined {
  const { generation, digest, durationDays, quota } = granted
  const present = generation === world.binding.metadata.generation ? world.plan : undefined
  const approved = approvedPlan(world, digest) ?? present
  if (!approved) return undefined
  const plan = parseSealed(bindPlanSchema, approved.text, approved.digest)
  return sealText({
    ...plan,
    binding: { ...plan.binding, generation },
    grant: { ...plan.grant, durationDays, quota, ring },
  })
}

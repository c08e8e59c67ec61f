import { type RightsHolder, unbindRunName } from '#server/access/model/binding-names.ts'
import { attemptsKept, awaitsAttempt } from '#server/access/model/end-backoff.ts'
import { endsGrant } from '#server/access/model/grant-in-force.ts'
import { cutOf } from '#server/access/model/grant-term.ts'
import type { End } from '#server/access/model/model-binding.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { bindingFinalizer } from '#server/platform/model/names.ts'
import { endProofOf, runResult } from '#server/runs/model/run-result.ts'
import type { BindingSnapshot, BindingStep } from './binding-step.ts'
import { bindRunAtWork, sealedRunBut } from './sealed-runs.ts'

/** A service may be made anew (`kubectl replace --force`): its tenants keep their grants for so long. */
export const missingServiceEndsMs = 600_000

/**
 * A namespace that is being deleted waits for the proof for so long; then it is let go. The gateway refuses a binding
 * that is not there, and the sweep goes on until the policy is gone.
 */
export const letGoMs = 300_000

/** What has to happen because access ends, or has ended; undefined while it goes on. */
export function endOf(world: BindingSnapshot): BindingStep | undefined {
  const { binding } = world
  const { metadata, status } = binding
  const { generation = 1 } = metadata
  const { end } = status ?? {}
  const deleting = metadata.deletionTimestamp !== undefined
  const holds = metadata.finalizers?.includes(bindingFinalizer) ?? false
  if (deleting && !holds) return { step: 'wait' }

  const over = end !== undefined && (end.provenAt === undefined || end.generation >= generation)
  if (!over) return beginning(world)
  if (end.provenAt !== undefined) {
    // A controller that was late may have sealed or given something after the proof.
    const late = discardSealed(world) ?? takeRights(world, [])
    return late ?? (deleting ? { step: 'remove-finalizer' } : { step: 'wait' })
  }
  return lettingGo(world) ?? patient(world, unbinding(world, end.attempt ?? 1))
}

export function takeRights(world: BindingSnapshot, kept: RightsHolder[]): BindingStep | undefined {
  const holder = [...world.rights].find((one) => !kept.includes(one))
  return holder && { step: 'take-rights', holder }
}

function discardSealed(world: BindingSnapshot): BindingStep | undefined {
  const run = sealedRunBut(world, undefined)
  return run && { step: 'discard-run', run }
}

/** Why access has to end now. */
function beginning({ binding, now, service }: BindingSnapshot): BindingStep | undefined {
  const { metadata, spec, status } = binding
  const { generation = 1 } = metadata
  const { granted } = status ?? {}
  if (metadata.deletionTimestamp) return { step: 'record-end', reason: 'Deleted', generation }
  if (spec.released) return { step: 'record-end', reason: 'Released', generation }
  if (!granted || endsGrant(status?.end, granted)) return undefined
  const cut = cutOf(granted)
  if (cut && now.getTime() >= cut.getTime()) {
    return { step: 'record-end', reason: 'Expired', generation: granted.generation }
  }
  const gone = service ? undefined : serviceGoneAt(status?.conditions)
  if (gone !== undefined && now.getTime() >= gone + missingServiceEndsMs) {
    return { step: 'record-end', reason: 'ServiceDeleted', generation }
  }
  return undefined
}

/** Since when the service is known to be missing, in milliseconds. */
export function serviceGoneAt(conditions: Parameters<typeof conditionOf>[0]): number | undefined {
  const ready = conditionOf(conditions, 'Ready')
  return ready?.reason === 'ModelServiceMissing' ? Date.parse(ready.lastTransitionTime) : undefined
}

/** A tenant's namespace can always be deleted: what cannot be proven in time is left to the sweep. */
function lettingGo(world: BindingSnapshot): BindingStep | undefined {
  if (!world.binding.metadata.deletionTimestamp) return undefined
  const nothingRuns = world.serving !== 'active'
  const late = world.now.getTime() >= letGoAt(world)
  if (!nothingRuns && !late) return undefined
  // The alias and the rights go with their owner.
  return takeRights(world, []) ?? { step: 'remove-finalizer' }
}

function letGoAt({ binding, namespace }: BindingSnapshot): number {
  const { end } = binding.status ?? {}
  if (namespace === 'active' || !end) return Number.POSITIVE_INFINITY
  // Not before the namespace itself began to go.
  const deletedAt = Date.parse(binding.metadata.deletionTimestamp ?? end.at)
  return Math.max(Date.parse(end.at), deletedAt) + letGoMs
}

/** Looks again at the latest when the namespace is let go. */
function patient(world: BindingSnapshot, step: BindingStep): BindingStep {
  const at = letGoAt(world)
  if (step.step !== 'wait' || !Number.isFinite(at)) return step
  return { step: 'wait', until: new Date(Math.min(at, step.until?.getTime() ?? at)) }
}

function unbinding(world: BindingSnapshot, attempt: number): BindingStep {
  const { binding, rights, runs, now } = world
  const { end, granted } = binding.status ?? {}
  if (!end) return { step: 'wait' }
  const discarding = discardSealed(world)
  if (discarding) return discarding
  // Nothing was ever given: there is nothing to take away.
  if (!granted) return takeRights(world, []) ?? { step: 'record-proof' }
  // No run can be made, and nobody is there to be reached; what is left is removed once there can be one again.
  if (world.serving !== 'active') return takeRights(world, []) ?? { step: 'wait' }
  // A bind run that is still at work would put back what is taken away.
  const bind = bindRunAtWork(world)
  if (bind) {
    if (bind.spec.status === 'TaskRunCancelled') return { step: 'wait' }
    return { step: 'cancel-run', run: bind }
  }

  const name = unbindRunName(binding, end.generation, attempt)
  const run = runs.get(name)
  if (!run) {
    const past = pastAttempt(world, end, attempt)
    if (past) return { step: 'discard-run', run: past }
    const { nextAt } = end.failure ?? {}
    if (nextAt && awaitsAttempt(end, now)) return { step: 'wait', until: new Date(nextAt) }
    // A namespace that is going away takes no new rights, and takes its own objects with it.
    if (world.namespace === 'active' && !rights.has('binder')) {
      return { step: 'give-rights', holder: 'binder' }
    }
    return { step: 'create-unbind-run', name, plan: world.unbindPlan, reason: end.reason }
  }
  if (end.run !== name) return { step: 'record-unbind-run', run: name }
  const result = runResult(run)
  if (result.state === 'succeeded') {
    return takeRights(world, []) ?? { step: 'record-proof', proof: endProofOf(run) }
  }
  if (result.state === 'failed') {
    return { step: 'record-unbind-failure', run, message: result.message }
  }
  return { step: 'wait' }
}

/** The oldest run of this end that is not among the last few. */
function pastAttempt({ binding, runs }: BindingSnapshot, { generation }: End, attempt: number) {
  for (let n = 1; n <= attempt - attemptsKept; n += 1) {
    const run = runs.get(unbindRunName(binding, generation, n))
    if (run) return run
  }
  return undefined
}

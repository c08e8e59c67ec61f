import { bindRunName, type RightsHolder, unbindRunName } from './binding-names.ts'
import { approversOf, isDenied } from './decide.ts'
import { endsGrant } from './grant-in-force.ts'
import { conditionOf } from './kubernetes.ts'
import type { EndReason, ModelBinding } from './model-binding.ts'
import type { ModelService } from './model-service.ts'
import { bindingFinalizer } from './names.ts'
import type { SealedText } from './plan.ts'
import { withinQuota } from './quota.ts'
import type { EndProof, Receipt } from './receipt.ts'
import { endProofOf, paramOf, receiptOf, runResult } from './run-result.ts'
import type { TaskRun } from './task-run.ts'

/** All that is looked at before a step is taken; read anew for each. */
export type BindingWorld = {
  now: Date
  binding: ModelBinding
  service?: ModelService
  namespace: 'active' | 'terminating' | 'missing'
  /** The plan for the present spec; absent where the service is. */
  plan?: SealedText
  unbindPlan: SealedText
  /** Our runs for this binding, by name. */
  runs: ReadonlyMap<string, TaskRun>
  /** RoleBindings that stand in the tenant's namespace. */
  rights: ReadonlySet<RightsHolder>
}

/** Each step is one write, so that a crash falls between steps, and each may be repeated. */
export type BindingStep =
  | { step: 'add-finalizer' }
  | { step: 'remove-finalizer' }
  | { step: 'give-rights'; holder: RightsHolder }
  | { step: 'take-rights'; holder: RightsHolder }
  | {
      step: 'create-bind-run'
      name: string
      plan: SealedText
      generation: number
      pending: boolean
    }
  | { step: 'create-unbind-run'; name: string; plan: SealedText; reason: EndReason }
  | { step: 'release-run'; run: TaskRun }
  | { step: 'discard-run'; run: TaskRun }
  | { step: 'cancel-run'; run: TaskRun }
  | { step: 'record-seal'; run: string; plan: SealedText }
  | { step: 'record-auto-approval' }
  | { step: 'record-grant'; approvers: string[] }
  | { step: 'record-success'; receipt: Receipt }
  | { step: 'record-failure'; run?: TaskRun; reason: string; message: string }
  | { step: 'record-end'; reason: EndReason; generation: number }
  | { step: 'record-unbind-run'; run: string }
  | { step: 'record-unbind-failure'; run: TaskRun; message: string }
  | { step: 'record-proof'; proof?: EndProof }
  | { step: 'record-waiting'; reason: string; message: string }
  /** Nothing to do until the world changes, or until that time. */
  | { step: 'wait'; until?: Date }

/** A foreign object in the way may go: the preview is made again after this time. */
export const previewConflictsAgainMs = 60_000

/** What has to happen next, from what is. Pure. */
export function nextStep(world: BindingWorld): BindingStep {
  return endOf(world) ?? requestOf(world)
}

/** How long the next unbind run waits after the n-th failed. */
export function unbindBackoffMs(attempt: number): number {
  return Math.min(10_000 * 2 ** (attempt - 1), 600_000)
}

function endOf(world: BindingWorld): BindingStep | undefined {
  const { binding, now } = world
  const { metadata, spec, status } = binding
  const { generation = 1 } = metadata
  const { end, granted } = status ?? {}
  const deleting = metadata.deletionTimestamp !== undefined
  const holds = metadata.finalizers?.includes(bindingFinalizer) ?? false
  if (deleting && !holds) return { step: 'wait' }

  const over = end !== undefined && (end.provenAt === undefined || end.generation >= generation)
  const grantEnded = granted !== undefined && endsGrant(end, granted)
  if (!over) {
    if (deleting) return { step: 'record-end', reason: 'Deleted', generation }
    if (spec.released) return { step: 'record-end', reason: 'Released', generation }
    if (granted?.expiresAt && !grantEnded && now.getTime() >= Date.parse(granted.expiresAt)) {
      return { step: 'record-end', reason: 'Expired', generation: granted.generation }
    }
    return undefined
  }
  if (end.provenAt === undefined) return unbinding(world, end.attempt ?? 1)
  return takeRights(world, []) ?? (deleting ? { step: 'remove-finalizer' } : { step: 'wait' })
}

function unbinding(world: BindingWorld, attempt: number): BindingStep {
  const { binding, rights, runs, now } = world
  const { end, granted, seal } = binding.status ?? {}
  if (!end) return { step: 'wait' }
  const discarded = unstarted(world, seal?.run)
  if (discarded) return { step: 'discard-run', run: discarded }
  // Nothing was ever given: there is nothing to take away.
  if (!granted) return takeRights(world, []) ?? { step: 'record-proof' }
  // A bind run that is still at work would put back what is taken away.
  const bind = runs.get(bindRunName(binding, granted.generation, binding.status?.attempt ?? 0))
  if (bind && isAtWork(bind)) {
    if (bind.spec.status === 'TaskRunCancelled') return { step: 'wait' }
    return { step: 'cancel-run', run: bind }
  }

  const name = unbindRunName(binding, end.generation, attempt)
  const run = runs.get(name)
  if (!run) {
    const before = attempt > 1 && runs.get(unbindRunName(binding, end.generation, attempt - 1))
    const due = before ? before.status?.completionTime : undefined
    const until = due ? new Date(Date.parse(due) + unbindBackoffMs(attempt - 1)) : now
    if (until > now) return { step: 'wait', until }
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

function requestOf(world: BindingWorld): BindingStep {
  const { binding, service, namespace, now } = world
  const { metadata, status } = binding
  const { generation = 1 } = metadata
  const granted = status?.granted
  const expiry =
    granted?.expiresAt && !endsGrant(status?.end, granted) ? granted.expiresAt : undefined
  const rest: BindingStep = { step: 'wait', until: expiry ? new Date(expiry) : undefined }

  if (namespace !== 'active') {
    return waiting(world, 'NamespaceTerminating', 'The namespace is being deleted.') ?? rest
  }
  if (!metadata.finalizers?.includes(bindingFinalizer)) return { step: 'add-finalizer' }
  if (granted && !endsGrant(status?.end, granted)) {
    const carrying = carryOut(world)
    if (carrying) return carrying
  }
  if (granted?.generation === generation) return rest
  if (isDenied(binding)) {
    const discarded = unstarted(world, bindRunName(binding, generation, 0))
    if (discarded) return { step: 'discard-run', run: discarded }
    const inForce = granted !== undefined && !endsGrant(status?.end, granted)
    return takeRights(world, inForce ? ['binder', 'controller'] : []) ?? rest
  }
  if (!service || !world.plan) {
    const { namespace: at, name } = binding.spec.modelService
    const text = `There is no model service ${name} in namespace ${at}.`
    return waiting(world, 'ModelServiceMissing', text) ?? rest
  }
  if (isAboveLimits(binding, service)) {
    const text = 'It asks for more than the model service allows. Change the request.'
    return waiting(world, 'AboveLimits', text) ?? rest
  }
  const asking = seal(world, service, world.plan)
  if (asking.step !== 'wait' || !expiry) return asking
  const until = asking.until && asking.until < new Date(expiry) ? asking.until : new Date(expiry)
  return { step: 'wait', until: until > now ? until : now }
}

/** From the request to enough approvals for exactly this plan. */
function seal(world: BindingWorld, service: ModelService, plan: SealedText): BindingStep {
  const { binding, rights, runs, now } = world
  const { generation = 1 } = binding.metadata
  const sealed = binding.status?.seal
  if (!rights.has('controller')) return { step: 'give-rights', holder: 'controller' }

  const name = bindRunName(binding, generation, 0)
  const run = runs.get(name)
  const approvers = approversOf(binding)
  const enough = approvers.length >= service.spec.approval.required
  // A plan that was approved stays the one that runs, even if the service has changed since.
  const wanted = enough && sealed?.generation === generation ? sealed.digest : plan.digest
  if (run && (run.spec.status !== 'TaskRunPending' || paramOf(run, 'digest') !== wanted)) {
    return { step: 'discard-run', run }
  }
  if (!run) return { step: 'create-bind-run', name, plan, generation, pending: true }
  const current =
    sealed?.generation === generation &&
    sealed.run === name &&
    sealed.digest === paramOf(run, 'digest')
  if (!current) return { step: 'record-seal', run: name, plan }

  const conflict = sealed.changes.some((change) => change.change === 'conflict')
  if (conflict) {
    const until = new Date(Date.parse(sealed.previewedAt) + previewConflictsAgainMs)
    return until > now ? { step: 'wait', until } : { step: 'record-seal', run: name, plan }
  }
  if (enough) return { step: 'record-grant', approvers }
  return mayPassByItself(binding, service) ? { step: 'record-auto-approval' } : { step: 'wait' }
}

/** From the approval to access that was used once. */
function carryOut(world: BindingWorld): BindingStep | undefined {
  const { binding, rights, runs } = world
  const granted = binding.status?.granted
  const provisioned = conditionOf(binding.status?.conditions, 'Provisioned')
  if (!granted || provisioned?.status !== 'Unknown') return undefined
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
  if (paramOf(run, 'digest') !== granted.digest) return { step: 'discard-run', run }
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

function approvedPlan(world: BindingWorld, digest: string): SealedText | undefined {
  if (world.plan?.digest === digest) return world.plan
  for (const run of world.runs.values()) {
    const text = paramOf(run, 'plan')
    if (text !== undefined && paramOf(run, 'digest') === digest) return { text, digest }
  }
  return undefined
}

function mayPassByItself(binding: ModelBinding, service: ModelService): boolean {
  const { auto } = service.spec.approval
  if (!auto || approversOf(binding).length > 0) return false
  const { durationDays, quota } = binding.spec
  return durationDays <= auto.maxDurationDays && withinQuota(quota, auto.maxQuota)
}

/** A wish made with kubectl has passed the schema, but not the limits of its service. */
function isAboveLimits({ spec }: ModelBinding, service: ModelService): boolean {
  const { maxDurationDays, maxQuota } = service.spec.limits
  return spec.durationDays > maxDurationDays || !withinQuota(spec.quota, maxQuota)
}

function isAtWork(run: TaskRun): boolean {
  const { state } = runResult(run)
  return state === 'pending' || state === 'running'
}

function unstarted(world: BindingWorld, name: string | undefined): TaskRun | undefined {
  const run = name === undefined ? undefined : world.runs.get(name)
  return run?.spec.status === 'TaskRunPending' ? run : undefined
}

function takeRights(world: BindingWorld, kept: RightsHolder[]): BindingStep | undefined {
  const holder = [...world.rights].find((one) => !kept.includes(one))
  return holder && { step: 'take-rights', holder }
}

function waiting(world: BindingWorld, reason: string, message: string): BindingStep | undefined {
  const ready = conditionOf(world.binding.status?.conditions, 'Ready')
  // What works goes on working; only who waits for something is told why.
  if (ready?.status === 'True' || ready?.reason === reason) return undefined
  return { step: 'record-waiting', reason, message }
}

import { bindRunName } from '#server/access/model/binding-names.ts'
import { approvalsNeeded, approversOf, isDenied } from '#server/access/model/decide.ts'
import { foreignChange } from '#server/access/model/diff-objects.ts'
import { cutOf } from '#server/access/model/grant-term.ts'
import type { ModelBinding, PlannedChange } from '#server/access/model/model-binding.ts'
import { openRequestsMax } from '#server/access/model/open-requests.ts'
import { type Quota, sumOf, withinQuota } from '#server/access/model/quota.ts'
import { aliasService } from '#server/access/model/render-plan.ts'
import { activeGrant } from '#server/access/model/requested-changes.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { bindingFinalizer } from '#server/platform/model/names.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import type { BindingSnapshot, BindingStep } from './binding-step.ts'
import { endOf, missingServiceEndsMs, serviceGoneAt, takeRights } from './end-steps.ts'
import { carryOut, follow, moveRing } from './grant-steps.ts'
import { watchRunStart } from './run-start.ts'
import { approvedPlan, planIn, sealedRunBut } from './sealed-runs.ts'

/** A foreign object in the way may go: the preview is made again after this time. */
export const previewConflictsAgainMs = 60_000

/** Nobody tells a request that another one of its namespace was decided: it looks again. */
const crowdedAgainMs = 30_000

/** What has to happen next, from what is. Pure. */
export function planNextStep(world: BindingSnapshot): BindingStep {
  const step = endOf(world) ?? requestOf(world)
  return step.step === 'wait' ? watchRunStart(world, step) : step
}

function requestOf(world: BindingSnapshot): BindingStep {
  const { binding, service, namespace } = world
  const { metadata, status } = binding
  const { generation = 1 } = metadata
  const standing = activeGrant(binding)
  const rest = { step: 'wait', until: standing && cutOf(standing) } as const

  if (namespace !== 'active') {
    const reason = 'NamespaceTerminating'
    // What worked goes away with its namespace, in an order of the cluster's own: nothing of it is Ready any more.
    if (conditionOf(status?.conditions, 'Ready')?.reason === reason) return rest
    return { step: 'record-waiting', reason, message: 'The namespace is being deleted.' }
  }
  if (!metadata.finalizers?.includes(bindingFinalizer)) return { step: 'add-finalizer' }
  const carrying = carryOut(world) ?? follow(world)
  if (carrying) return carrying
  if (!service) return withoutService(world) ?? sooner(rest, serviceEndsAt(world))
  const restored = restoring(world)
  if (restored) return restored

  const decided = status?.granted?.generation === generation || isDenied(binding)
  if (!decided && isAboveLimits(binding, service)) {
    const text = 'It asks for more than the model service allows. Change the request.'
    return waiting(world, 'AboveLimits', text) ?? rest
  }
  if (!decided && world.crowdedOut) {
    const max = openRequestsMax(service)
    const text = `${max} requests of this namespace are open, as many as may be. Withdraw one, or wait for a decision.`
    const until = new Date(world.now.getTime() + crowdedAgainMs)
    return (
      waiting(world, 'TooManyOpenRequests', text) ?? sooner({ step: 'wait', until }, rest.until)
    )
  }
  const asking = decided ? undefined : seal(world, service)
  // What enough people approved comes before a move, whose seal would make theirs another.
  if (asking?.step === 'record-grant') return asking
  const moving = moveRing(world)
  if (moving) return moving
  if (asking) return sooner(asking, standing && cutOf(standing))

  const discarded = sealedRunBut(world, undefined)
  if (discarded) return { step: 'discard-run', run: discarded }
  if (!isDenied(binding)) return rest
  return takeRights(world, standing ? ['binder', 'controller'] : []) ?? rest
}

/** From the request to enough approvals for exactly this plan. */
function seal(world: BindingSnapshot, service: ModelService): BindingStep {
  const { binding, rights, runs, now, plan } = world
  if (!plan) return { step: 'wait' }
  const { generation = 1 } = binding.metadata
  const sealed = binding.status?.seal
  if (!rights.has('controller')) return { step: 'give-rights', holder: 'controller' }

  const name = bindRunName(binding, generation, 0)
  const run = runs.get(name)
  const approvers = approversOf(binding)
  const enough =
    sealed?.generation === generation && approvers.length >= approvalsNeeded(binding, service)
  // A plan that was approved stays the one that runs, even if the service has changed since; once it is lost, what is
  // made in its place has to be approved anew.
  const approved = enough && sealed ? approvedPlan(world, sealed.digest) : undefined
  const wanted = approved ?? plan
  if (!run) return { step: 'create-bind-run', name, plan: wanted, generation, pending: true }
  const found = planIn(run)
  if (run.spec.status !== 'TaskRunPending' || found?.text.digest !== wanted.digest) {
    return { step: 'discard-run', run }
  }
  const told = conditionOf(binding.status?.conditions, 'Ready')?.reason
  const current =
    sealed?.generation === generation &&
    sealed.run === name &&
    sealed.digest === wanted.digest &&
    // The service was away and is back: it waits for people again, and says so.
    told !== 'ModelServiceMissing'
  if (!current) return { step: 'record-seal', run: name, plan: wanted }

  // Somebody came in the way since, or has gone out of it: whoever decides is told at once.
  if (world.aliasTaken !== isAliasForeign(binding, sealed.changes)) {
    return { step: 'record-seal', run: name, plan: wanted }
  }
  const conflict = sealed.changes.some((change) => change.change === 'conflict')
  if (enough && !conflict) {
    const { grant } = found.plan
    return { step: 'record-grant', approvers, run: name, plan: wanted, grant }
  }
  const overtaken = sealedRunBut(world, name)
  if (overtaken) return { step: 'discard-run', run: overtaken }
  if (conflict) {
    const until = new Date(Date.parse(sealed.previewedAt) + previewConflictsAgainMs)
    return until > now ? { step: 'wait', until } : { step: 'record-seal', run: name, plan: wanted }
  }
  return mayPassByItself(binding, service, world.held)
    ? { step: 'record-auto-approval' }
    : { step: 'wait' }
}

/** Whether the seal names the alias as somebody else's. */
function isAliasForeign({ spec, metadata }: ModelBinding, changes: PlannedChange[]): boolean {
  const foreign = foreignChange(aliasService(metadata.namespace ?? '', spec.alias))
  return changes.some(({ kind, name, message }) => {
    return kind === foreign.kind && name === foreign.name && message === foreign.message
  })
}

/** The limit is the namespace's, not the request's: several requests under several names are one demand. */
function mayPassByItself(binding: ModelBinding, service: ModelService, held?: Quota): boolean {
  const { auto } = service.spec.approval
  const { generation } = binding.metadata
  // Where an approver has taken it in hand, it is theirs to decide.
  const taken = binding.status?.terms?.generation === generation
  if (!auto || taken || approversOf(binding).length > 0) return false
  const { durationDays, quota } = binding.spec
  const inAll = held ? sumOf(quota, held) : quota
  return durationDays <= auto.maxDurationDays && withinQuota(inAll, auto.maxQuota)
}

/** A wish made with kubectl has passed the schema, but not the limits of its service. */
function isAboveLimits({ spec }: ModelBinding, service: ModelService): boolean {
  const { maxDurationDays, maxQuota } = service.spec.limits
  return spec.durationDays > maxDurationDays || !withinQuota(spec.quota, maxQuota)
}

function waiting(world: BindingSnapshot, reason: string, message: string): BindingStep | undefined {
  const ready = conditionOf(world.binding.status?.conditions, 'Ready')
  // What works goes on working; only who waits for something is told why.
  if (ready?.status === 'True' || ready?.reason === reason) return undefined
  return { step: 'record-waiting', reason, message }
}

/** Nothing new can be asked of a service that is not there, and what was granted leads nowhere. */
function withoutService(world: BindingSnapshot): BindingStep | undefined {
  const { binding, serving } = world
  const standing = activeGrant(binding)
  const discarded = sealedRunBut(world, undefined)
  if (discarded && serving === 'active') return { step: 'discard-run', run: discarded }
  const { namespace: at, name } = binding.spec.modelService
  const message = `There is no model service ${name} in namespace ${at}.`
  const told = conditionOf(binding.status?.conditions, 'Ready')?.reason === 'ModelServiceMissing'
  if (!told) return { step: 'record-waiting', reason: 'ModelServiceMissing', message }
  return standing ? undefined : takeRights(world, [])
}

function serviceEndsAt({ binding }: BindingSnapshot): Date | undefined {
  const gone = serviceGoneAt(binding.status?.conditions)
  if (gone === undefined || !activeGrant(binding)) return undefined
  return new Date(gone + missingServiceEndsMs)
}

function restoring({ binding }: BindingSnapshot): BindingStep | undefined {
  const { conditions } = binding.status ?? {}
  if (conditionOf(conditions, 'Ready')?.reason !== 'ModelServiceMissing') return undefined
  const provisioned = conditionOf(conditions, 'Provisioned')?.status === 'True'
  return activeGrant(binding) && provisioned ? { step: 'record-restored' } : undefined
}

function sooner(step: BindingStep, at: Date | undefined): BindingStep {
  if (step.step !== 'wait' || !at) return step
  return { step: 'wait', until: step.until && step.until < at ? step.until : at }
}

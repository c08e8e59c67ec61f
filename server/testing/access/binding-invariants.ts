import type { NamespacePhase } from '#server/access/machine/binding-step.ts'
import { planIn, sealedRunBut } from '#server/access/machine/sealed-runs.ts'
import { unbindRunName } from '#server/access/model/binding-names.ts'
import { approversOf, isDecidable } from '#server/access/model/decide.ts'
import { attemptsKept } from '#server/access/model/end-backoff.ts'
import { grantInForce } from '#server/access/model/grant-in-force.ts'
import type { Decision, ModelBinding } from '#server/access/model/model-binding.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { taskNames } from '#server/platform/model/names.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'

/** What can be seen of a binding at one moment: the object, its runs, and what they have made. */
export type Moment = {
  now: Date
  binding: ModelBinding | undefined
  runs: ReadonlyMap<string, TaskRun>
  serving: NamespacePhase
  /** RoleBindings of ours, aliases in the tenant's namespace, and whether the allow policy stands. */
  rights: ReadonlySet<string>
  aliases: ReadonlySet<string>
  policy: boolean
  /** Names that somebody else has there. */
  taken: ReadonlySet<string>
}

const digestPattern = /^sha256:[0-9a-f]{64}$/

/** What holds at every moment, whatever happened and whatever was lost on the way; a sentence for each that does not. */
export function violations({ binding, runs, now }: Moment): string[] {
  if (!binding) return []
  const { decisions = [], granted } = binding.status ?? {}
  const found: string[] = []

  for (const { by, decision, digest } of decisions) {
    if (!digestPattern.test(digest))
      found.push(`the decision to ${decision} by ${by} has no digest`)
  }
  const force = grantInForce(binding, now)
  if ('grant' in force && !isDecided(decisions, force.grant.digest)) {
    found.push('there is access without a decision in force')
  }
  if (granted && new Set(granted.approvedBy).size !== granted.approvedBy.length) {
    found.push('somebody counts twice among the approvers')
  }
  const unbinding = [...runs.values()].filter((run) => {
    const { end } = binding.status ?? {}
    const its = unbindRunName(binding, end?.generation ?? 0, 0).slice(0, -1)
    return run.metadata.name.startsWith(its)
  })
  if (unbinding.length > attemptsKept) {
    found.push(`${unbinding.length} runs are kept of an end that fails`)
  }
  for (const run of runs.values()) {
    const released = run.spec.status !== 'TaskRunPending'
    if (!released || run.spec.taskRef?.name !== taskNames.bind) continue
    const plan = planIn(run)
    if (!plan) found.push(`${run.metadata.name} runs a plan that is not what its digest says`)
    else if (!isDecided(decisions, plan.text.digest)) {
      found.push(`${run.metadata.name} runs what nobody has decided`)
    }
  }
  return found
}

/** What holds as well once everything that could be done is done: access is what is granted, and nothing else is left. */
export function leftovers(moment: Moment): string[] {
  const { binding, now, rights, aliases, policy, runs } = moment
  const force = binding && grantInForce(binding, now)
  const granted = force && 'grant' in force ? force.grant : undefined
  const provisioned = conditionOf(binding?.status?.conditions, 'Provisioned')
  const found: string[] = []

  if (granted && provisioned?.status === 'True') {
    if (!policy) found.push('access is granted, but no policy lets it through')
    if (aliases.size !== 1 || !aliases.has(granted.alias)) {
      found.push(
        `${granted.alias} is granted, but there is ${[...aliases].join(', ') || 'nothing'}`,
      )
    }
  }
  // A first run that failed may have made some of it, and is run again or ended by people.
  const unfinished = provisioned?.status === 'False' && !binding?.status?.end?.provenAt
  if (!granted && !unfinished && !isWaitingForService(binding)) {
    if (policy) found.push('a policy is left')
    // Without the serving namespace there can be no run; the name leads nowhere, and goes with its binding at the latest.
    const removable = binding === undefined || moment.serving === 'active'
    if (aliases.size > 0 && removable) found.push(`an alias is left: ${[...aliases].join(', ')}`)
    if (rights.has('binder')) found.push('the rights of the binder are left')
  }
  const decidable = binding && isDecidable(binding) && !isWaitingForService(binding)
  const wanted = decidable ? binding.status?.seal?.run : undefined
  const sealed = sealedRunBut({ runs }, wanted)
  if (sealed && binding)
    found.push(`${sealed.metadata.name} waits for a decision that nobody can take`)
  if (decidable && !runs.has(wanted ?? '') && approversOf(binding).length === 0) {
    found.push('a request waits for people, but its plan is not sealed')
  }
  if (decidable && binding) {
    const told = binding.status?.seal?.changes.some(({ change }) => change === 'conflict') ?? false
    if (told !== moment.taken.has(binding.spec.alias)) {
      found.push(`${binding.spec.alias} is ${told ? 'free' : 'taken'}, and approvers are not told`)
    }
  }
  return found
}

/** An end takes it all away some minutes later, unless the service comes back. */
function isWaitingForService(binding: ModelBinding | undefined): boolean {
  return conditionOf(binding?.status?.conditions, 'Ready')?.reason === 'ModelServiceMissing'
}

function isDecided(decisions: Decision[], digest: string): boolean {
  return decisions.some((one) => one.decision !== 'deny' && one.digest === digest)
}

import { bindingHash } from '#server/access/model/binding-names.ts'
import { attemptsKept } from '#server/access/model/end-backoff.ts'
import { grantInForce } from '#server/access/model/grant-in-force.ts'
import type { Drift, ModelBinding, PlannedChange } from '#server/access/model/model-binding.ts'
import type { SealedText } from '#server/access/model/plan.ts'
import { canonicalJson } from '#server/platform/model/canonical-json.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { runResult } from '#server/runs/model/run-result.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'

/** All that is looked at before something is put back. */
export type DriftWorld = {
  now: Date
  binding: ModelBinding
  service: ModelService
  /** Where the cluster differs from the approved plan, or from the rights that carry it; foreign objects as conflicts. */
  changes: PlannedChange[]
  /** The approved plan; undefined where nothing holds it any more, and so nothing can be put back. */
  plan?: SealedText
  /** Our runs for this binding. */
  runs: TaskRun[]
}

/** Each step is one write, and may be repeated. */
export type DriftStep =
  | { step: 'record-drift'; changes: PlannedChange[]; reason: DriftReason; message: string }
  | { step: 'record-repair'; run?: string }
  | { step: 'record-settled'; reason: 'Repaired' | 'Settled' | 'Compared' | 'Ended' }
  /** Nothing holds the approved plan any more: whether the cluster is as it was approved cannot be said. */
  | { step: 'record-uncompared' }
  | { step: 'create-repair-run'; name: string; plan: SealedText; generation: number }
  /** A right that is gone, or was edited: rights are the controller's own to give and take, here as everywhere. */
  | { step: 'restore-right'; change: PlannedChange }
  | { step: 'discard-run'; run: TaskRun }
  | { step: 'wait'; until?: Date }

export type DriftReason = 'Drifted' | 'Reported' | 'Foreign' | 'PlanLost' | 'Contested'

/** What stayed in order for so long is no longer fought over: the next repair comes at once again. */
const quietMs = 600_000
/** A foreign object carries no label to watch it by: it is looked at again after this time. */
const foreignAgainMs = 60_000
const contestedFrom = 2

/** How long the next repair waits after the n-th: somebody who fights it is not fought at full speed. */
export function repairBackoffMs(repairs: number): number {
  return repairs === 0 ? 0 : Math.min(10_000 * 2 ** (repairs - 1), 600_000)
}

/** Whether there is anything to keep true now: granted, carried out, and not ending. */
export function isKept(binding: ModelBinding, now: Date): boolean {
  const provisioned = conditionOf(binding.status?.conditions, 'Provisioned')
  return 'grant' in grantInForce(binding, now) && provisioned?.status === 'True'
}

export function isDrifted(binding: ModelBinding): boolean {
  return conditionOf(binding.status?.conditions, 'Drifted')?.status === 'True'
}

/** Whether it is said that it cannot be known. */
export function isUncompared(binding: ModelBinding): boolean {
  return conditionOf(binding.status?.conditions, 'Drifted')?.status === 'Unknown'
}

/** What has to happen next so that the cluster is as it was approved, from what is. Pure. */
export function driftStep(world: DriftWorld): DriftStep {
  const { binding, changes, now } = world
  const uncompared = isUncompared(binding)
  const open = isDrifted(binding) || uncompared
  if (!isKept(binding, now)) {
    return open ? { step: 'record-settled', reason: 'Ended' } : { step: 'wait' }
  }
  const drift = binding.status?.drift
  const mending = runOf(world, drift?.run)
  const atWork = mending !== undefined && isAtWork(mending)
  if (changes.length === 0) {
    if (!world.plan && !atWork) {
      return uncompared ? { step: 'wait' } : { step: 'record-uncompared' }
    }
    if (!open || atWork) return { step: 'wait' }
    if (uncompared) return { step: 'record-settled', reason: 'Compared' }
    const ours = drift?.repairedAt !== undefined && drift.repairedAt >= drift.since
    return { step: 'record-settled', reason: ours ? 'Repaired' : 'Settled' }
  }
  return recording(world, drift) ?? (atWork ? { step: 'wait' } : repairing(world, drift))
}

/** What is found is written down first, before anything is done about it. */
function recording(world: DriftWorld, drift: Drift | undefined): DriftStep | undefined {
  const { binding, changes } = world
  const { reason, message } = findingOf(world, drift)
  const told = conditionOf(binding.status?.conditions, 'Drifted')
  const known =
    told?.status === 'True' &&
    told.reason === reason &&
    told.message === message &&
    canonicalJson(drift?.changes ?? []) === canonicalJson(changes)
  return known ? undefined : { step: 'record-drift', changes, reason, message }
}

function repairing(world: DriftWorld, drift: Drift | undefined): DriftStep {
  const { binding, service, changes, now, plan } = world
  const { granted } = binding.status ?? {}
  const foreign = changes.some(({ change }) => change === 'conflict')
  const later = foreign ? new Date(now.getTime() + foreignAgainMs) : undefined
  if (service.spec.drift === 'Report' || !granted || !drift) return { step: 'wait', until: later }
  const right = changes.find(({ kind, change }) => kind === 'RoleBinding' && change !== 'conflict')
  const objects = changes.some(
    ({ kind, change }) => kind !== 'RoleBinding' && change !== 'conflict',
  )
  if (!right && (!objects || !plan)) return { step: 'wait', until: later }
  // A right that was just given back is for the run that follows it: the two are one repair.
  const continues = !right && drift.repairedAt !== undefined && drift.run === undefined
  const due = continues ? now : dueAt(drift, now)
  if (due > now) return { step: 'wait', until: due }
  if (right) return { step: 'restore-right', change: right }
  if (!plan) return { step: 'wait', until: later }

  const name = repairRunName(binding, drift)
  if (runOf(world, name)) return { step: 'record-repair', run: name }
  // Whatever else is being made true comes first; its end brings us back here.
  if (world.runs.some(isAtWork)) return { step: 'wait' }
  const past = pastRepair(world)
  if (past) return { step: 'discard-run', run: past }
  return { step: 'create-repair-run', name, plan, generation: granted.generation }
}

/** The oldest run that put something back and is not among the last few. */
function pastRepair({ binding, runs }: DriftWorld): TaskRun | undefined {
  const its = `mend-${bindingHash(binding)}-`
  return runs
    .filter(({ metadata }) => metadata.name.startsWith(its))
    .sort((a, b) => createdAt(b).localeCompare(createdAt(a)))
    .slice(attemptsKept - 1)
    .at(-1)
}

function createdAt({ metadata }: TaskRun): string {
  return metadata.creationTimestamp ?? ''
}

/** How often it was put back lately. */
export function recentRepairs(drift: Drift | undefined, now: Date): number {
  if (!drift?.repairedAt) return 0
  return now.getTime() - Date.parse(drift.repairedAt) > quietMs + repairBackoffMs(drift.repairs)
    ? 0
    : drift.repairs
}

function dueAt(drift: Drift, now: Date): Date {
  const repairs = recentRepairs(drift, now)
  const last = drift.repairedAt ? Date.parse(drift.repairedAt) : 0
  return new Date(last + repairBackoffMs(repairs))
}

/** The same drift at the same count has the same run, also after a crash between making and recording it. */
function repairRunName(binding: ModelBinding, drift: Drift): string {
  const at = Math.floor(Date.parse(drift.since) / 1000).toString(36)
  return `mend-${bindingHash(binding)}-${at}-${drift.repairs + 1}`
}

function findingOf(
  { service, changes, plan, now }: DriftWorld,
  drift: Drift | undefined,
): { reason: DriftReason; message: string } {
  const what = changes.map(describe).join('; ').slice(0, 2000)
  if (service.spec.drift === 'Report') {
    return { reason: 'Reported', message: `${what}. The model service asks to leave it so.` }
  }
  if (changes.every(({ change }) => change === 'conflict'))
    return { reason: 'Foreign', message: what }
  if (!plan && changes.every(({ kind }) => kind !== 'RoleBinding')) {
    const text = 'It cannot be put back: the approved plan is gone. Change the request to ask anew.'
    return { reason: 'PlanLost', message: `${what}. ${text}` }
  }
  const repairs = recentRepairs(drift, now)
  if (repairs >= contestedFrom && drift?.repairedAt) {
    // Said of the drift and not of the clock, so that it is written once.
    const seconds = repairBackoffMs(repairs) / 1000
    const text = `It was put back ${repairs} times and changed again: the next time is ${seconds} s after ${drift.repairedAt}.`
    return { reason: 'Contested', message: `${what}. ${text}` }
  }
  return { reason: 'Drifted', message: `${what}. It is put back.` }
}

function describe({ kind, namespace, name, change, fields, message }: PlannedChange): string {
  const object = `${kind} ${namespace}/${name}`
  if (change === 'conflict') return message ?? `${object} belongs to somebody else`
  if (change === 'create') return `${object} is gone`
  const paths = fields.slice(0, 5).map(({ path, live, planned }) => {
    return `${path} is ${live ?? 'absent'}, approved ${planned ?? 'absent'}`
  })
  return `${object}: ${paths.join(', ')}`
}

function runOf({ runs }: DriftWorld, name: string | undefined): TaskRun | undefined {
  return runs.find((run) => run.metadata.name === name)
}

/** A sealed run waits for people, not for us. */
function isAtWork(run: TaskRun): boolean {
  const { state } = runResult(run)
  return (state === 'pending' || state === 'running') && run.spec.status !== 'TaskRunPending'
}

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
import {
  type DriftReason,
  findingOf,
  isActionable,
  statusOf,
  widensAccess,
} from './drift-finding.ts'
import { dueAt, keyOf, type ObjectKey } from './repair-backoff.ts'

/** All that is looked at before something is put back. */
export type DriftSnapshot = {
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
  | { step: 'record-repair'; objects: ObjectKey[]; run?: string }
  | { step: 'record-settled'; reason: 'Repaired' | 'Settled' | 'Compared' | 'Ended' }
  /** Nothing holds the approved plan any more: whether the cluster is as it was approved cannot be said. */
  | { step: 'record-uncompared' }
  | { step: 'create-repair-run'; name: string; plan: SealedText; generation: number }
  /** A right that is gone, or was edited: rights are the controller's own to give and take, here as everywhere. */
  | { step: 'restore-right'; change: PlannedChange }
  /** A slice of somebody else that leads the alias elsewhere. */
  | { step: 'remove-slice'; change: PlannedChange }
  | { step: 'discard-run'; run: TaskRun }
  | { step: 'wait'; until?: Date }

/** A foreign object carries no label to watch it by: it is looked at again after this time. */
const foreignAgainMs = 60_000

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
export function planDriftStep(world: DriftSnapshot): DriftStep {
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
  return recording(world, drift) ?? repairing(world, drift)
}

/** What is found is written down first, before anything is done about it. */
function recording(world: DriftSnapshot, drift: Drift | undefined): DriftStep | undefined {
  const { binding, changes } = world
  const { reason, message } = findingOf(world, drift)
  const told = conditionOf(binding.status?.conditions, 'Drifted')
  const known =
    told?.status === statusOf(reason) &&
    told.reason === reason &&
    told.message === message &&
    canonicalJson(drift?.changes ?? []) === canonicalJson(changes)
  return known ? undefined : { step: 'record-drift', changes, reason, message }
}

function repairing(world: DriftSnapshot, drift: Drift | undefined): DriftStep {
  const { binding, service, now, plan, runs } = world
  const changes = world.changes.filter(isActionable)
  const left = changes.length < world.changes.length
  const later = left ? new Date(now.getTime() + foreignAgainMs) : undefined
  const { granted } = binding.status ?? {}
  if (service.spec.drift === 'Report' || !granted || !drift) return { step: 'wait', until: later }
  const due = changes.filter((one) => dueAt(drift, one, now) <= now)

  const objects = changes.filter((one) => !isRight(one) && !isStray(one))
  const made = runOf(world, repairRunName(binding, drift))
  if (made && objects.length > 0) {
    return { step: 'record-repair', run: made.metadata.name, objects: objects.map(keyOf) }
  }
  const widened = objects.filter(widensAccess)
  const atWork = runs.filter(isAtWork)
  if (plan && widened.length > 0 && atWork.every(hasApplied) && atWork.length < atWorkMax) {
    return repairRunStep(world, drift, plan, granted.generation)
  }
  const right = due.find(isRight)
  if (right) return { step: 'restore-right', change: right }
  // Whatever else is being made true comes first; its end brings us back here.
  if (atWork.length > 0) return { step: 'wait' }
  // A right that was just given back is for the run that follows it: the two are one repair.
  const continues =
    drift.repairedAt !== undefined && drift.run === undefined && !changes.some(isRight)
  if (plan && objects.some((one) => continues || due.includes(one))) {
    return repairRunStep(world, drift, plan, granted.generation)
  }
  // After the Service: where it selects pods, the cluster makes such slices again.
  const stray = objects.length === 0 ? due.find(isStray) : undefined
  if (stray) return { step: 'remove-slice', change: stray }
  return {
    step: 'wait',
    until: nextDue(drift, plan ? changes : changes.filter(isRight), now) ?? later,
  }
}

function nextDue(drift: Drift, changes: PlannedChange[], now: Date): Date | undefined {
  const [next] = changes
    .map((one) => dueAt(drift, one, now))
    .sort((a, b) => a.getTime() - b.getTime())
  return next && next > now ? next : undefined
}

function isRight({ kind }: PlannedChange): boolean {
  return kind === 'RoleBinding'
}

function isStray({ kind, change }: PlannedChange): boolean {
  return kind === 'EndpointSlice' && change === 'delete'
}

/** Runs that are at work at once, where what they applied was opened again since. */
const atWorkMax = 3

/** What was edited after that step is not put back by that run. */
function hasApplied({ status }: TaskRun): boolean {
  return status?.steps?.some(({ name, terminated }) => name === 'apply-plan' && terminated) ?? false
}

function repairRunStep(
  world: DriftSnapshot,
  drift: Drift,
  plan: SealedText,
  generation: number,
): DriftStep {
  const name = repairRunName(world.binding, drift)
  const past = pastRepair(world)
  if (past) return { step: 'discard-run', run: past }
  return { step: 'create-repair-run', name, plan, generation }
}

/** The oldest run that put something back and is not among the last few. */
function pastRepair({ binding, runs }: DriftSnapshot): TaskRun | undefined {
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

/** The same drift at the same count has the same run, also after a crash between making and recording it. */
function repairRunName(binding: ModelBinding, drift: Drift): string {
  const at = Math.floor(Date.parse(drift.since) / 1000).toString(36)
  return `mend-${bindingHash(binding)}-${at}-${drift.repairs + 1}`
}

function runOf({ runs }: DriftSnapshot, name: string | undefined): TaskRun | undefined {
  return runs.find((run) => run.metadata.name === name)
}

/** A sealed run waits for people, not for us. */
function isAtWork(run: TaskRun): boolean {
  const { state } = runResult(run)
  return (state === 'pending' || state === 'running') && run.spec.status !== 'TaskRunPending'
}

import { idOf } from '#server/access/model/binding-names.ts'
import { annotations, labels, taskNames } from '#server/platform/model/names.ts'
import { failedStep, runResult } from '#server/runs/model/run-result.ts'
import type { StepState, TaskRun } from '#server/runs/model/task-run.ts'
import type { RunAction, RunState, RunView, StepView } from './run.ts'

/** What RBAC lets the person do with TaskRuns in its namespace. */
export type RunRights = { create: boolean; patch: boolean; delete: boolean }

export const noRunRights: RunRights = { create: false, patch: false, delete: false }

export function runView(run: TaskRun, may: RunRights = noRunRights): RunView {
  const { metadata, spec, status } = run
  const condition = status?.conditions?.find((one) => one.type === 'Succeeded')
  const state = runState(run)
  return {
    id: idOf(run),
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    task: spec.taskRef?.name ?? '',
    state,
    sealed: isSealed(run),
    reason: condition?.reason ?? '',
    message: condition?.message ?? '',
    createdAt: metadata.creationTimestamp ?? '',
    startedAt: status?.startTime,
    finishedAt: status?.completionTime,
    startedBy: metadata.annotations?.[annotations.startedBy],
    why: metadata.annotations?.[annotations.reason],
    binding: bindingOf(run),
    params: spec.params ?? [],
    results: (status?.results ?? []).map(({ name, value }) => ({
      name,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    })),
    steps: stepViews(run, state),
    failedStep: state === 'failed' || state === 'timed-out' ? failedStep(run) : undefined,
    goneAt: metadata.annotations?.[annotations.goneAt],
    can: actions(run, state, may),
  }
}

export function runState(run: TaskRun): RunState {
  const result = runResult(run)
  if (result.state !== 'failed') return result.state
  if (result.reason === 'TaskRunCancelled') return 'cancelled'
  return result.reason === 'TaskRunTimeout' ? 'timed-out' : 'failed'
}

/** Tekton does not start it, and lets nobody change it, until it is released. */
function isSealed(run: TaskRun): boolean {
  return run.spec.status === 'TaskRunPending'
}

/** The binding that a run makes true or ends; from labels that only our own accounts can write there. */
export function bindingOf(run: TaskRun): RunView['binding'] {
  const namespace = run.metadata.labels?.[labels.bindingNamespace]
  const name = run.metadata.labels?.[labels.bindingName]
  return namespace && name ? { namespace, name } : undefined
}

function stepViews(run: TaskRun, state: RunState): StepView[] {
  const known = run.status?.steps ?? []
  if (known.length === 0) {
    const planned = run.status?.taskSpec?.steps ?? run.spec.taskSpec?.steps ?? []
    return planned.map(({ name }) => ({ name, container: `step-${name}`, state: 'pending' }))
  }
  // All containers start together and wait their turn: only the first that has not ended is at work.
  const working = known.findIndex((step) => !step.terminated)
  const over = run.status?.completionTime
  const stopped = known.findIndex((step) => isStopped(step))
  return known.map((step, index) =>
    // Behind the one that was at work when the run was stopped, none had its turn.
    isStopped(step) && (index > stopped || !step.terminated?.startedAt)
      ? neverRan(step)
      : stepView(step, index === working, state, over),
  )
}

/** Tekton ends every container of a run that is cancelled or out of time, each with exit code 1. */
function isStopped({ terminated }: StepState): boolean {
  return /^TaskRun(?:Cancelled|Timeout)$/.test(terminated?.reason ?? '')
}

/** Its container stood there with the others, and was ended before its turn came. */
function neverRan({ name, container }: StepState): StepView {
  return { name, container, state: 'skipped' }
}

function stepView(
  step: StepState,
  atWork: boolean,
  run: RunState,
  over: string | undefined,
): StepView {
  const { name, container, running, waiting, terminated, terminationReason } = step
  const base = { name, container }
  if (terminationReason === 'Skipped') return neverRan(step)
  if (terminated) {
    return {
      ...base,
      state: endState(terminated.exitCode, terminationReason, run),
      startedAt: terminated.startedAt,
      finishedAt: terminated.finishedAt,
      exitCode: terminated.exitCode,
      reason: terminationReason ?? terminated.reason,
    }
  }
  if (run === 'cancelled') {
    const { startedAt } = running ?? {}
    return { ...base, state: 'cancelled', startedAt, finishedAt: startedAt && over }
  }
  if (run === 'failed' || run === 'timed-out') return { ...base, state: 'skipped' }
  if (running && atWork) return { ...base, state: 'running', startedAt: running.startedAt }
  if (waiting && atWork) {
    return { ...base, state: 'waiting', reason: waiting.reason, message: waiting.message }
  }
  return { ...base, state: 'pending' }
}

function endState(exitCode: number, reason: string | undefined, run: RunState): StepView['state'] {
  if (exitCode === 0) return 'succeeded'
  if (reason === 'Continued') return 'continued'
  return reason === 'Cancelled' || (run === 'cancelled' && reason !== 'Error')
    ? 'cancelled'
    : 'failed'
}

function actions(run: TaskRun, state: RunState, may: RunRights): RunAction[] {
  const can: RunAction[] = []
  if (run.metadata.annotations?.[annotations.goneAt]) return can
  const ours =
    run.spec.taskRef?.name === taskNames.bind || run.spec.taskRef?.name === taskNames.unbind
  const open = state === 'pending' || state === 'running'
  const sealed = isSealed(run)
  // A sealed run is ended by a decision, and run again from its binding.
  if (may.patch && open && !sealed) can.push('cancel')
  if (may.create && !open && !ours) can.push('rerun')
  if (may.delete && !open && !ours) can.push('delete')
  return can
}

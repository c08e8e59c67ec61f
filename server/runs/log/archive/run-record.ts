import type { TaskRun } from '#server/runs/model/task-run.ts'
import { bindingOf, runState, runView } from '#server/runs/views/run-view.ts'
import type { RunRecord } from './run-archive.ts'

/** What is kept of a run for good. `goneAt`: since when its TaskRun is not there. */
export function runRecord(run: TaskRun, goneAt?: Date): RunRecord {
  const { metadata, status } = run
  const binding = bindingOf(run)
  const state = runState(run)
  const finished = state === 'pending' || state === 'running' ? undefined : status?.completionTime
  return {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    task: run.spec.taskRef?.name ?? '',
    binding: binding && `${binding.namespace}/${binding.name}`,
    startedBy: runView(run).startedBy,
    state,
    createdAt: new Date(metadata.creationTimestamp ?? 0),
    finishedAt: finished ? new Date(finished) : undefined,
    goneAt,
    run,
  }
}

/** Sealed runs that nobody released are requests, not history. */
export function isHistory(run: TaskRun): boolean {
  return run.status?.startTime !== undefined || runState(run) !== 'pending'
}

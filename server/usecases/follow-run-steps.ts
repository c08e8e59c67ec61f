import { runState, runView } from '#server/domain/run-view.ts'
import type { TaskRun } from '#server/domain/task-run.ts'
import type { StepView } from '#server/domain/views.ts'
import { followLog } from '#server/kube/follow-log.ts'
import type { Kube } from '#server/kube/kube.ts'
import type { LogEntry } from './run-log-buffer.ts'

/** The run as it is known now, and a wait for it to become something else. */
export type WatchedRun = {
  current(): TaskRun | undefined
  changed(signal: AbortSignal): Promise<void>
}

/**
 * The log of all steps, one after the other as they run, until the run has ended. Each attempt has a pod of its own, and
 * is read to its end before the next; a step whose log went with its pod leaves a gap.
 */
export async function* followRunSteps(
  kube: Kube,
  watched: WatchedRun,
  signal: AbortSignal,
): AsyncGenerator<LogEntry[]> {
  let attempt = 0
  let next = 0
  while (!signal.aborted) {
    const run = watched.current()
    if (!run) return
    const past = run.status?.retriesStatus?.[attempt]
    const tried = past ? { ...run, status: past } : run
    const pod = tried.status?.podName ?? ''
    const steps = pod === '' ? [] : runView(tried).steps
    const step = steps[next]
    if (step && hasBegun(step)) {
      yield* followStep(kube, run, pod, step, signal)
      next++
    } else if (!past && !isOver(run)) {
      await watched.changed(signal)
    } else if (next + 1 < steps.length) {
      // Skipped steps never wrote; a step may stand behind one that was skipped.
      next++
    } else if (past) {
      attempt++
      next = 0
    } else return
  }
}

async function* followStep(
  kube: Kube,
  run: TaskRun,
  pod: string,
  { name, container, state }: StepView,
  signal: AbortSignal,
): AsyncGenerator<LogEntry[]> {
  const where = { namespace: run.metadata.namespace ?? '', name: pod }
  for await (const part of followLog(kube, where, { container, signal })) {
    if (part.type === 'lines') {
      yield part.lines.map(({ at, count, text }) => ({ step: name, at, count, text }))
    } else if (part.reason === 'rotated' || state !== 'cancelled') {
      yield [{ step: name, gap: part.reason }]
    }
  }
}

/** Its container has started its own work, or has ended after it did. */
function hasBegun({ state, startedAt }: StepView): boolean {
  return state === 'running' || (startedAt !== undefined && state !== 'skipped')
}

function isOver(run: TaskRun): boolean {
  const state = runState(run)
  return state !== 'pending' && state !== 'running'
}

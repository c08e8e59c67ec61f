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
 * The log of all steps, one after the other as they run, until the run has ended. A pod that was made anew for a retry
 * is followed from its first step; a step whose log went with its pod leaves a gap.
 */
export async function* followRunSteps(
  kube: Kube,
  watched: WatchedRun,
  signal: AbortSignal,
): AsyncGenerator<LogEntry[]> {
  let pod = ''
  let next = 0
  while (!signal.aborted) {
    const run = watched.current()
    if (!run) return
    const podName = run.status?.podName ?? ''
    if (podName !== pod) {
      pod = podName
      next = 0
    }
    const step = pod === '' ? undefined : runView(run).steps[next]
    if (step && hasBegun(step)) {
      yield* followStep(kube, run, pod, step, signal)
      next++
    } else if (isOver(run) && (!step || !hasBegun(step))) {
      // Skipped steps never wrote; a step may stand behind one that was skipped.
      if (!step || next + 1 >= runView(run).steps.length) return
      next++
    } else await watched.changed(signal)
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

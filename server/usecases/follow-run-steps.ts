import { runState, runView } from '#server/domain/run-view.ts'
import type { TaskRun } from '#server/domain/task-run.ts'
import type { StepView } from '#server/domain/views.ts'
import { followLog } from '#server/kube/follow-log.ts'
import type { Kube } from '#server/kube/kube.ts'
import type { LogCursor, ReadLine } from '#server/kube/log-lines.ts'
import { type LogEntry, piecesOf } from './log-entry.ts'

/** The run as it is known now, and a wait for it to become something else. */
export type WatchedRun = {
  current(): TaskRun | undefined
  changed(signal: AbortSignal): Promise<void>
}

/** After a line of one step of one attempt, both counted from 0. */
export type StepPosition = LogCursor & { attempt: number; step: number }

/**
 * The log of all steps, one after the other as they run, until the run has ended. Each attempt has a pod of its own, and
 * is read to its end before the next; a step whose log went with its pod leaves a gap.
 */
export async function* followRunSteps(
  kube: Kube,
  watched: WatchedRun,
  signal: AbortSignal,
  from?: StepPosition,
): AsyncGenerator<{ entries: LogEntry[]; at: StepPosition | undefined }> {
  let attempt = from?.attempt ?? 0
  let next = from?.step ?? 0
  let place: LogCursor | undefined = from
  while (!signal.aborted) {
    const run = watched.current()
    if (!run) return
    const past = run.status?.retriesStatus?.[attempt]
    const tried = past ? { ...run, status: past } : run
    const pod = tried.status?.podName ?? ''
    const steps = pod === '' ? [] : runView(tried).steps
    const step = steps[next]
    if (step && hasBegun(step)) {
      const where = { namespace: run.metadata.namespace ?? '', name: pod }
      for await (const part of followStep(kube, where, step, attempt, place, signal)) {
        const { entries, end } = part
        yield { entries, at: end && { ...end, attempt, step: next } }
      }
      place = undefined
      next++
    } else if (!past && !isOver(run)) {
      await watched.changed(signal)
    } else if (next + 1 < steps.length) {
      // Skipped steps never wrote; a step may stand behind one that was skipped.
      place = undefined
      next++
    } else if (past) {
      attempt++
      next = 0
      place = undefined
    } else return
  }
}

async function* followStep(
  kube: Kube,
  pod: { namespace: string; name: string },
  { name, container, state }: StepView,
  attempt: number,
  from: LogCursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<{ entries: LogEntry[]; end?: LogCursor }> {
  const head = { step: name, ...(attempt > 0 ? { attempt: attempt + 1 } : {}) }
  for await (const part of followLog(kube, pod, { container, from, signal })) {
    if (part.type === 'lines') {
      const entries = part.lines.flatMap((line: ReadLine) => piecesOf({ ...head, ...line }))
      yield { entries, end: part.lines.at(-1) }
    } else if (part.reason === 'rotated' || state !== 'cancelled') {
      yield { entries: [{ ...head, reason: part.reason }] }
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

import { unbindRunName } from '#server/access/model/binding-names.ts'
import { attemptsKept, unbindBackoffMs } from '#server/access/model/end-backoff.ts'
import type { ObjectMeta } from '#server/platform/model/kubernetes.ts'
import { runResult } from '#server/runs/model/run-result.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'

/** Of what a binding left: the name of the attempt that is due and the runs that it makes too many, or when to look again. */
export type OrphanStep = { start: string; discard: TaskRun[] } | { wait?: Date }

/** Nobody is left to count: the attempts are counted by their runs. Generation 0 is of no spec. */
export function planOrphanStep(
  left: { metadata: ObjectMeta },
  runs: readonly TaskRun[],
  now: Date,
): OrphanStep {
  const [last, ...past] = runs
    .map((run) => ({ run, attempt: attemptOf(left, run) }))
    .filter(({ attempt }) => attempt > 0)
    .sort((a, b) => b.attempt - a.attempt)
  if (last) {
    const { state } = runResult(last.run)
    if (state === 'pending' || state === 'running') return {}
    const endedAt = Date.parse(last.run.status?.completionTime ?? '')
    const due = new Date((endedAt || now.getTime()) + unbindBackoffMs(last.attempt))
    if (due > now) return { wait: due }
  }
  return {
    start: unbindRunName(left, 0, (last?.attempt ?? 0) + 1),
    discard: past.slice(attemptsKept - 2).map(({ run }) => run),
  }
}

function attemptOf(left: { metadata: ObjectMeta }, { metadata }: TaskRun): number {
  const prefix = unbindRunName(left, 0, 0).slice(0, -1)
  return metadata.name.startsWith(prefix) ? Number(metadata.name.slice(prefix.length)) : 0
}

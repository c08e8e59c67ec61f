import { annotations } from '#server/platform/model/names.ts'
import { runState } from '#server/runs/views/run-view.ts'
import type { TaskRun } from './task-run.ts'

/** A run as it is remembered when its TaskRun is gone: one that was at work did not come to its end. */
export function goneRun(run: TaskRun, now: Date): TaskRun {
  const at = now.toISOString()
  const metadata = {
    ...run.metadata,
    annotations: { ...run.metadata.annotations, [annotations.goneAt]: at },
  }
  const state = runState(run)
  if (state !== 'running' && state !== 'pending') return { ...run, metadata }
  const condition = {
    type: 'Succeeded',
    status: 'False' as const,
    reason: 'TaskRunCancelled',
    message: 'The TaskRun was deleted while it was at work.',
    lastTransitionTime: at,
  }
  const status = { ...run.status, completionTime: at, conditions: [condition] }
  return { ...run, metadata, status }
}

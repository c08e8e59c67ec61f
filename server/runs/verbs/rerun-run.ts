import { userOf } from '#server/access/verbs/binding-access.ts'
import { runEvents } from '#server/audit/model/audit-events.ts'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { annotations, labels, managedByBindery } from '#server/platform/model/names.ts'
import { runRequestNote } from '#server/platform/model/request-trace.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { runView } from '#server/runs/views/run-view.ts'
import { refuseTooManyRuns } from './open-runs.ts'
import { getRunToChange, runResource, runViewFor } from './run-access.ts'
import { freshName } from './run-of-task.ts'

/** Runs the same Task with the same parameters once more, as a run of its own. */
export async function rerunRun(ctx: Context, input: ObjectRef & { why: string }): Promise<RunView> {
  const { namespace, name } = input
  await ctx.authorize({ verb: 'create', resource: runResource, namespace })

  const old = await getRunToChange(ctx, { namespace, name })
  if (!runView(old, { create: true, patch: false, delete: false }).can.includes('rerun')) {
    const text = 'This run cannot be run again: it has not ended, or it belongs to a request.'
    throw new AppError('conflict', text, { key: 'run.notAgain' })
  }
  await refuseTooManyRuns(ctx, namespace)
  const { status: _status, statusMessage: _message, ...spec } = old.spec
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: {
      name: freshName(spec.taskRef?.name ?? name),
      namespace,
      labels: { [labels.managedBy]: managedByBindery },
      annotations: {
        [annotations.startedBy]: userOf(ctx),
        [annotations.reason]: input.why || `Runs ${name} again.`,
        ...runRequestNote(ctx.requestId),
      },
    },
    spec,
  }
  const created = await ctx.kube.create(TaskRun, run)
  ctx.note(runEvents(ctx.redaction.object(created)))
  return runViewFor(ctx, created)
}

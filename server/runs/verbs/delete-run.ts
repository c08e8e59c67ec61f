import { userOf } from '#server/access/verbs/binding-access.ts'
import { runDeleted, runEvents } from '#server/audit/model/audit-events.ts'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import { runView } from '#server/runs/views/run-view.ts'
import { getRunToChange, runResource } from './run-access.ts'

/** Removes a run that has ended, with its pod and its log. */
export async function deleteRun(ctx: Context, ref: ObjectRef): Promise<void> {
  const { namespace, name } = ref
  await ctx.authorize({ verb: 'delete', resource: runResource, namespace, name })

  const run = await getRunToChange(ctx, ref)
  if (!runView(run, { create: false, patch: false, delete: true }).can.includes('delete')) {
    const text = 'This run cannot be deleted: it has not ended, or it belongs to a request.'
    throw new AppError('conflict', text, { key: 'run.notDeletable' })
  }
  const { uid, resourceVersion } = run.metadata
  // Nothing of it is left afterwards, so it is on record first: where that cannot be, nothing is deleted.
  await ctx.store.appendAudit([
    ...runEvents(ctx.redaction.object(run)),
    runDeleted(run, { who: userOf(ctx), at: ctx.now().toISOString(), requestId: ctx.requestId }),
  ])
  await ctx.kube.remove(
    TaskRun,
    { namespace, name },
    { uid, resourceVersion, propagation: 'Background' },
  )
}

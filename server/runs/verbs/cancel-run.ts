import { userOf } from '#server/access/verbs/binding-access.ts'
import { cancelAsked } from '#server/audit/model/audit-events.ts'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { runState } from '#server/runs/views/run-view.ts'
import { getRunToChange, runResource, runViewFor } from './run-access.ts'

/** Stops a run at once; what its steps already changed stays. */
export async function cancelRun(
  ctx: Context,
  input: ObjectRef & { why: string },
): Promise<RunView> {
  const { namespace, name, why } = input
  await ctx.authorize({ verb: 'patch', resource: runResource, namespace, name })

  const run = await getRunToChange(ctx, input)
  if (run.spec.status === 'TaskRunPending') {
    const text =
      'This run belongs to a request that is pending approval. Approve or deny the request instead.'
    throw new AppError('conflict', text, { key: 'run.sealed' })
  }
  const state = runState(run)
  if (state !== 'pending' && state !== 'running') {
    throw new AppError('conflict', 'This run has ended already.', { key: 'run.ended' })
  }
  const statusMessage = `Cancelled by ${userOf(ctx)}${why && `: ${why}`}`
  const patch = { spec: { status: 'TaskRunCancelled', statusMessage } }
  const cancelled = await ctx.kube.patch(TaskRun, { namespace, name }, patch)
  const { requestId } = ctx
  const asked = { who: userOf(ctx), why: ctx.redaction.text(why), requestId }
  ctx.note([cancelAsked(cancelled, { ...asked, at: ctx.now().toISOString() })])
  return runViewFor(ctx, cancelled)
}

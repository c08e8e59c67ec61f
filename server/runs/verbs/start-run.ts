import type { BindingContext } from '#server/access/verbs/binding-access.ts'
import { runEvents } from '#server/audit/model/audit-events.ts'
import type { StartRunBody } from '#server/runs/model/start-run-schema.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { refuseTooManyRuns } from './open-runs.ts'
import { plannedRun } from './planned-run.ts'
import { runResource, runViewFor } from './run-access.ts'

/** Starts a run of one of the serving namespace's Tasks. */
export async function startRun(ctx: BindingContext, input: StartRunBody): Promise<RunView> {
  const namespace = ctx.servingNamespace
  await ctx.authorize({ verb: 'create', resource: runResource, namespace })

  await refuseTooManyRuns(ctx, namespace)
  const created = await ctx.kube.create(TaskRun, await plannedRun(ctx, input))
  ctx.note(runEvents(ctx.redaction.object(created)))
  return runViewFor(ctx, created)
}

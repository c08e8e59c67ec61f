import { runEvents } from '#server/domain/audit/audit-events.ts'
import type { StartRunBody } from '#server/domain/runs/start-run-schema.ts'
import { TaskRun } from '#server/domain/runs/task-run.ts'
import type { RunView } from '#server/domain/views.ts'
import type { BindingContext } from '#server/usecases/access/binding-access.ts'
import { plannedRun } from '#server/usecases/access/planned-run.ts'
import { runResource, runViewFor } from './run-access.ts'

/** Starts a run of one of the serving namespace's Tasks. */
export async function startRun(ctx: BindingContext, input: StartRunBody): Promise<RunView> {
  const namespace = ctx.servingNamespace
  await ctx.authorize({ verb: 'create', resource: runResource, namespace })

  const created = await ctx.kube.create(TaskRun, await plannedRun(ctx, input))
  ctx.note(runEvents(ctx.redaction.object(created)))
  return runViewFor(ctx, created)
}

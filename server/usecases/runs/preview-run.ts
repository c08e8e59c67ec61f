import { stringify } from 'yaml'
import type { StartRunBody } from '#server/domain/runs/start-run-schema.ts'
import type { RunPreview } from '#server/domain/runs/task-detail-view.ts'
import { TaskRun } from '#server/domain/runs/task-run.ts'
import { plannedRun } from '#server/usecases/access/planned-run.ts'
import type { Context } from '#server/usecases/context.ts'
import { runResource } from './run-access.ts'

/** What would be sent, after the cluster has said in a dry run that it would take it. Nothing is made. */
export async function previewRun(ctx: Context, input: StartRunBody): Promise<RunPreview> {
  const namespace = ctx.servingNamespace
  await ctx.authorize({ verb: 'create', resource: runResource, namespace })

  const run = await plannedRun(ctx, input)
  await ctx.kube.create(TaskRun, run, { dryRun: true })
  return { manifest: stringify(ctx.redaction.object(run)) }
}

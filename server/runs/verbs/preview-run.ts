import { stringify } from 'yaml'
import type { Context } from '#server/context.ts'
import type { StartRunBody } from '#server/runs/model/start-run-schema.ts'
import { TaskRun } from '#server/runs/model/task-run.ts'
import type { RunPreview } from '#server/runs/views/task-detail-view.ts'
import { plannedRun } from './planned-run.ts'
import { runResource } from './run-access.ts'

/** What would be sent, after the cluster has said in a dry run that it would take it. Nothing is made. */
export async function previewRun(ctx: Context, input: StartRunBody): Promise<RunPreview> {
  const namespace = ctx.servingNamespace
  await ctx.authorize({ verb: 'create', resource: runResource, namespace })

  const run = await plannedRun(ctx, input)
  await ctx.kube.create(TaskRun, run, { dryRun: true })
  return { manifest: stringify(ctx.redaction.object(run)) }
}

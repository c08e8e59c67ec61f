import type { Context } from '#server/context.ts'
import type { OlderRunsQuery, OlderRunsView } from '#server/runs/views/older-runs-view.ts'
import { noRunRights } from '#server/runs/views/run-view.ts'
import { goneRunsMax, seenRuns } from './list-runs.ts'
import { runResource } from './run-access.ts'

/** Runs from before those that the list has, all of them gone; the newest first. */
export async function listOlderRuns(ctx: Context, before: OlderRunsQuery): Promise<OlderRunsView> {
  const namespace = ctx.servingNamespace
  const mayAll = await ctx.may({ verb: 'list', resource: runResource, namespace })
  const place = { createdAt: new Date(before.before), name: before.name }
  const records = await ctx.store.archive.listGoneRuns(namespace, goneRunsMax, place)
  const last = records.length === goneRunsMax ? records.at(-1) : undefined
  const runs = records.map(({ run }) => run)
  return {
    runs: await seenRuns(ctx, runs, mayAll, noRunRights),
    next: last && { before: last.createdAt.toISOString(), name: last.name },
  }
}

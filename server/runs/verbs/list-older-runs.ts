import type { Context } from '#server/context.ts'
import type { RunPlace } from '#server/runs/log/archive/run-archive.ts'
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
  const all = records.map(({ run }) => run)
  const runs = await seenRuns(ctx, all, mayAll, noRunRights)
  const isSeen = runs.some(({ name }) => name === last?.name)
  return { runs, next: last && (isSeen ? placeOf(last) : placeNear(last)) }
}

function placeOf({ createdAt, name }: RunPlace): OlderRunsQuery {
  return { before: createdAt.toISOString(), name }
}

/** Names no run that the person may not see: those of the same millisecond come again, and are known by their id. */
function placeNear({ createdAt }: RunPlace): OlderRunsQuery {
  return { before: new Date(createdAt.getTime() + 1).toISOString(), name: '' }
}

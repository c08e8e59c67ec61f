import { userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import type { RunLogs } from '#server/runs/log/follow/run-logs.ts'
import { visibleRun } from '#server/runs/verbs/run-access.ts'
import type { LogSearch, LogSearchView } from '#server/runs/views/run-log-views.ts'
import type { LogSearches } from './log-searches.ts'

/** Searches the whole log, in the archive or not: counts all rows that match, and gives some of them with context. */
export async function searchRunLog(
  ctx: Context,
  runLogs: RunLogs,
  searches: LogSearches,
  input: ObjectRef & LogSearch,
): Promise<LogSearchView> {
  const run = await visibleRun(ctx, input, { log: true })
  return searches.search(userOf(ctx), ctx.signal, input, () =>
    runLogs.read({ run, container: input.container }, ctx.signal),
  )
}

import type { Context } from '#server/context.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import type { RunLogs } from '#server/runs/log/follow/run-logs.ts'
import type { ReadableLog } from '#server/runs/log/follow/shared-log-follower.ts'
import { pagesOf } from '#server/runs/log/follow/write-log-file.ts'
import { isGap, logLineOf } from '#server/runs/model/log-entry.ts'
import { logMatcher } from '#server/runs/model/search-log.ts'
import { visibleRun } from '#server/runs/verbs/run-access.ts'
import type { LogLine } from '#server/runs/views/run.ts'
import {
  type LogMatch,
  type LogSearch,
  type LogSearchView,
  matchingRowsMax,
} from '#server/runs/views/run-log-views.ts'

const searchMs = 10_000

/** Searches the whole log, in the archive or not: counts all rows that match, and gives some of them with context. */
export async function searchRunLog(
  ctx: Context,
  runLogs: RunLogs,
  input: ObjectRef & LogSearch,
): Promise<LogSearchView> {
  const run = await visibleRun(ctx, input, { log: true })
  logMatcher(input)
  const log = await runLogs.read({ run, container: input.container }, ctx.signal)
  return searchLog(log, input, ctx.signal)
}

export async function searchLog(
  log: ReadableLog,
  search: LogSearch,
  signal: AbortSignal,
  withinMs = searchMs,
): Promise<LogSearchView> {
  const matcher = logMatcher(search)
  const view: LogSearchView = {
    rows: log.rows(),
    ended: log.isEnded(),
    count: 0,
    matching: [],
    matchingBefore: 0,
    matches: [],
  }
  const startedMs = performance.now()
  let before: LogLine[] = []
  let open: LogMatch[] = []
  for await (const page of pagesOf(log, signal)) {
    for (const row of page) {
      if (isGap(row) || (search.step && row.step !== search.step)) continue
      const line = search.context > 0 ? logLineOf(row) : undefined
      if (line) {
        for (const match of open) match.after.push(line)
        open = open.filter((match) => match.after.length < search.context)
      }
      if (matcher.test(row.text)) {
        view.count++
        noteMatch(view, row.row, search.around)
        if (row.row >= search.from && view.matches.length < search.limit) {
          const ranges = matcher.ranges(row.text)
          const match = { ...logLineOf(row), ranges, before, after: [] }
          view.matches.push(match)
          if (line) open.push(match)
        }
      }
      if (line) before = [...before, line].slice(-search.context)
    }
    const last = page.at(-1)
    if (last && performance.now() - startedMs > withinMs)
      return { ...view, stoppedAt: last.row + 1 }
    // Others are answered while a large log is searched.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return view
}

/** Of those before `around` the last ones stay, of those after it the first. */
function noteMatch(view: LogSearchView, row: number, around: number): void {
  const { matching } = view
  if (matching.length < matchingRowsMax) matching.push(row)
  const isFull = matching.length === matchingRowsMax
  if (!isFull || row >= around) return
  view.matchingBefore += matchingRowsMax / 2
  matching.splice(0, matchingRowsMax / 2)
}

import type { Context } from '#server/context.ts'
import type { ObjectRef } from '#server/platform/model/kubernetes.ts'
import type { RunLogs } from '#server/runs/log/follow/run-logs.ts'
import { pagesOf } from '#server/runs/log/follow/write-log-file.ts'
import { isGap, logLineOf } from '#server/runs/model/log-entry.ts'
import { visibleRun } from '#server/runs/verbs/run-access.ts'
import type { LogRangeView } from '#server/runs/views/run-log-views.ts'

/** A range of a log's rows, for a page that shows a log which is larger than it. */
export async function readLogLines(
  ctx: Context,
  runLogs: RunLogs,
  input: ObjectRef & { container?: string; from: number; limit: number },
): Promise<LogRangeView> {
  const run = await visibleRun(ctx, input, { log: true })
  const log = await runLogs.read({ run, container: input.container }, ctx.signal)
  const end = input.from + input.limit
  const view: LogRangeView = { rows: log.rows(), ended: log.isEnded(), lines: [], gaps: [] }
  for await (const page of pagesOf(log, ctx.signal, input.from)) {
    for (const row of page) {
      if (row.row >= end) return { ...view, next: end }
      if (isGap(row)) view.gaps.push(row)
      else view.lines.push(logLineOf(row))
    }
  }
  return view
}

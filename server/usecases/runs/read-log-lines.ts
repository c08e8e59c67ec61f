import type { ObjectRef } from '#server/domain/kubernetes.ts'
import { isGap, logLineOf } from '#server/domain/runs/log-entry.ts'
import type { LogRangeView } from '#server/domain/runs/run-log-views.ts'
import type { Context } from '#server/usecases/context.ts'
import { visibleRun } from './run-access.ts'
import type { RunLogs } from './run-logs.ts'
import { pagesOf } from './write-log-file.ts'

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

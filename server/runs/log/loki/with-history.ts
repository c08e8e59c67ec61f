import type { LogBatch } from '#server/runs/log/follow/follow-run-steps.ts'
import { piecesOf } from '#server/runs/model/log-entry.ts'
import type { Redactor } from '#server/runs/model/redact.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { LogGap } from '#server/runs/views/run-log-views.ts'
import { runState } from '#server/runs/views/run-view.ts'

export type HistoricLine = { step: string; at: string; count: number; text: string }
export type HistoricGap = Pick<LogGap, 'step' | 'reason'>

/** Logs that somebody else kept: Loki, for runs from before there was an archive. */
export type LogHistory = {
  readRun(run: TaskRun, signal: AbortSignal): AsyncIterable<HistoricLine[] | HistoricGap>
}

/** The log as the kubelet has it; where it has no line any more of a run that has ended, what history has. */
export async function* withHistory(
  live: AsyncIterable<LogBatch>,
  history: LogHistory,
  run: TaskRun,
  redactor: () => Redactor,
  signal: AbortSignal,
): AsyncGenerator<LogBatch> {
  const gaps: LogBatch[] = []
  let isLive = runState(run) === 'running' || runState(run) === 'pending'
  for await (const batch of live) {
    isLive ||= batch.at !== undefined
    if (isLive) yield* [...gaps.splice(0), batch]
    else gaps.push(batch)
  }
  if (isLive) return
  let found = false
  const redact = redactor()
  for await (const part of history.readRun(run, signal)) {
    if ('reason' in part) {
      yield { entries: [part], at: undefined }
      continue
    }
    found ||= part.length > 0
    const entries = part.flatMap((line) => piecesOf({ ...line, text: redact.line(line.text) }))
    yield { entries, at: undefined }
  }
  if (!found) yield* gaps
}

import { piecesOf } from '#server/domain/runs/log-entry.ts'
import type { Redactor } from '#server/domain/runs/redact.ts'
import type { LogGap } from '#server/domain/runs/run-log-views.ts'
import { runState } from '#server/domain/runs/run-view.ts'
import type { TaskRun } from '#server/domain/runs/task-run.ts'
import type { LogBatch } from '#server/usecases/runs/follow-run-steps.ts'

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

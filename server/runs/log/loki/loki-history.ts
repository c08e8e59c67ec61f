import type { TaskRun } from '#server/runs/model/task-run.ts'
import { runView } from '#server/runs/views/run-view.ts'
import { type LokiSettings, readLoki } from './loki.ts'
import type { LogHistory } from './with-history.ts'

/** Runs from before there was an archive, as Loki has them: step after step. */
export function lokiHistory(settings: LokiSettings): LogHistory {
  return {
    async *readRun(run: TaskRun, signal: AbortSignal) {
      const { namespace, name, steps, createdAt, startedAt, finishedAt } = runView(run)
      const from = new Date(startedAt ?? createdAt)
      const to = new Date(finishedAt ?? Date.now())
      for (const { name: step } of steps) {
        const asked = { namespace, taskrun: name, step, from, to }
        for await (const part of readLoki(settings, asked, signal)) {
          if ('reason' in part) yield { step, ...part }
          else yield part.map((line) => ({ step, ...line }))
        }
      }
    },
  }
}

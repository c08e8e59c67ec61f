import { mutationOptions } from '@tanstack/react-query'
import { pathOf } from '#components/data/queries.ts'
import { request } from '#components/data/request.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { StartRunBody } from '#server/runs/model/start-run-schema.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type { RunPreview } from '#server/runs/views/task-detail-view.ts'

export function startRun() {
  return mutationOptions({
    mutationFn: (body: StartRunBody) => request<RunView>('POST', '/api/runs', body),
  })
}

export function previewRun() {
  return mutationOptions({
    mutationFn: (body: StartRunBody) => request<RunPreview>('POST', '/api/runs/preview', body),
  })
}

export function cancelRun(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: (why: string) =>
      request<RunView>('POST', pathOf('runs', namespace, name, 'cancel'), why ? { why } : {}),
  })
}

export function rerunRun(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: () => request<RunView>('POST', pathOf('runs', namespace, name, 'rerun'), {}),
  })
}

export function deleteRun(namespace: string, name: string) {
  return mutationOptions({
    mutationFn: () => request<void>('DELETE', pathOf('runs', namespace, name)),
  })
}

export type NotDeleted = { run: RunView; error: Error }

/** One after the other, whatever comes of each; answers those that are still there. */
export function deleteRuns() {
  return mutationOptions({
    mutationFn: async (runs: readonly RunView[]): Promise<NotDeleted[]> => {
      const left: NotDeleted[] = []
      for (const run of runs) {
        try {
          await request<void>('DELETE', pathOf('runs', run.namespace, run.name))
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          // Somebody else was faster.
          if (error.code !== 'not-found') left.push({ run, error })
        }
      }
      return left
    },
  })
}

import { logLinesQuery, logSearchQuery } from '#server/domain/run-log-views.ts'
import { startRunSchema, whySchema } from '#server/domain/start-run-schema.ts'
import { cancelRun } from '#server/usecases/cancel-run.ts'
import { deleteRun } from '#server/usecases/delete-run.ts'
import { getRun } from '#server/usecases/get-run.ts'
import { getRunDetail } from '#server/usecases/get-run-detail.ts'
import { getTask } from '#server/usecases/get-task.ts'
import { listRuns } from '#server/usecases/list-runs.ts'
import { listTasks } from '#server/usecases/list-tasks.ts'
import { previewRun } from '#server/usecases/preview-run.ts'
import { readLogLines } from '#server/usecases/read-log-lines.ts'
import { rerunRun } from '#server/usecases/rerun-run.ts'
import { searchRunLog } from '#server/usecases/search-run-log.ts'
import { startRun } from '#server/usecases/start-run.ts'
import { route } from './route.ts'

export const runRoutes = {
  'GET /api/runs': route('GET /api/runs', { handle: ({ ctx }) => listRuns(ctx) }),
  'POST /api/runs': route('POST /api/runs', {
    body: startRunSchema,
    status: 201,
    handle: ({ ctx, body }) => startRun(ctx, body),
  }),
  'POST /api/runs/preview': route('POST /api/runs/preview', {
    body: startRunSchema,
    handle: ({ ctx, body }) => previewRun(ctx, body),
  }),
  'GET /api/runs/:namespace/:name': route('GET /api/runs/:namespace/:name', {
    handle: ({ ctx, params }) => getRun(ctx, params),
  }),
  'GET /api/runs/:namespace/:name/detail': route('GET /api/runs/:namespace/:name/detail', {
    handle: ({ ctx, params }) => getRunDetail(ctx, params),
  }),
  'DELETE /api/runs/:namespace/:name': route('DELETE /api/runs/:namespace/:name', {
    handle: ({ ctx, params }) => deleteRun(ctx, params),
  }),
  'POST /api/runs/:namespace/:name/cancel': route('POST /api/runs/:namespace/:name/cancel', {
    body: whySchema,
    handle: ({ ctx, params, body }) => cancelRun(ctx, { ...params, ...body }),
  }),
  'POST /api/runs/:namespace/:name/rerun': route('POST /api/runs/:namespace/:name/rerun', {
    body: whySchema,
    status: 201,
    handle: ({ ctx, params, body }) => rerunRun(ctx, { ...params, ...body }),
  }),
  'GET /api/runs/:namespace/:name/log/lines': route('GET /api/runs/:namespace/:name/log/lines', {
    query: logLinesQuery,
    handle: ({ ctx, params, query, state }) =>
      readLogLines(ctx, state.runLogs, { ...params, ...query }),
  }),
  'GET /api/runs/:namespace/:name/log/search': route('GET /api/runs/:namespace/:name/log/search', {
    query: logSearchQuery,
    handle: ({ ctx, params, query, state }) =>
      searchRunLog(ctx, state.runLogs, { ...params, ...query }),
  }),
  'GET /api/tasks/:namespace/:name': route('GET /api/tasks/:namespace/:name', {
    handle: ({ ctx, params }) => getTask(ctx, params),
  }),
  'GET /api/tasks': route('GET /api/tasks', { handle: ({ ctx }) => listTasks(ctx) }),
}

import { route } from '#server/processes/web/route.ts'
import { readLogLines } from '#server/runs/log/search/read-log-lines.ts'
import { searchRunLog } from '#server/runs/log/search/search-run-log.ts'
import { startRunSchema, whySchema } from '#server/runs/model/start-run-schema.ts'
import { cancelRun } from '#server/runs/verbs/cancel-run.ts'
import { deleteRun } from '#server/runs/verbs/delete-run.ts'
import { getRun } from '#server/runs/verbs/get-run.ts'
import { getRunDetail } from '#server/runs/verbs/get-run-detail.ts'
import { getTask } from '#server/runs/verbs/get-task.ts'
import { listOlderRuns } from '#server/runs/verbs/list-older-runs.ts'
import { listRuns } from '#server/runs/verbs/list-runs.ts'
import { listTasks } from '#server/runs/verbs/list-tasks.ts'
import { previewRun } from '#server/runs/verbs/preview-run.ts'
import { rerunRun } from '#server/runs/verbs/rerun-run.ts'
import { startRun } from '#server/runs/verbs/start-run.ts'
import { olderRunsQuery } from '#server/runs/views/older-runs-view.ts'
import { logLinesQuery, logSearchQuery } from '#server/runs/views/run-log-views.ts'

export const runRoutes = {
  'GET /api/runs': route('GET /api/runs', { handle: ({ ctx }) => listRuns(ctx) }),
  'GET /api/runs/older': route('GET /api/runs/older', {
    query: olderRunsQuery,
    handle: ({ ctx, query }) => listOlderRuns(ctx, query),
  }),
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
      searchRunLog(ctx, state.runLogs, state.logSearches, { ...params, ...query }),
  }),
  'GET /api/tasks/:namespace/:name': route('GET /api/tasks/:namespace/:name', {
    handle: ({ ctx, params }) => getTask(ctx, params),
  }),
  'GET /api/tasks': route('GET /api/tasks', { handle: ({ ctx }) => listTasks(ctx) }),
}

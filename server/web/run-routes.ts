import { startRunSchema, whySchema } from '#server/domain/start-run-schema.ts'
import { cancelRun } from '#server/usecases/cancel-run.ts'
import { deleteRun } from '#server/usecases/delete-run.ts'
import { getRun } from '#server/usecases/get-run.ts'
import { listRuns } from '#server/usecases/list-runs.ts'
import { listTasks } from '#server/usecases/list-tasks.ts'
import { rerunRun } from '#server/usecases/rerun-run.ts'
import { startRun } from '#server/usecases/start-run.ts'
import { route } from './route.ts'

export const runRoutes = {
  'GET /api/runs': route('GET /api/runs', { handle: ({ ctx }) => listRuns(ctx) }),
  'POST /api/runs': route('POST /api/runs', {
    body: startRunSchema,
    status: 201,
    handle: ({ ctx, body }) => startRun(ctx, body),
  }),
  'GET /api/runs/:namespace/:name': route('GET /api/runs/:namespace/:name', {
    handle: ({ ctx, params }) => getRun(ctx, params),
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
  'GET /api/tasks': route('GET /api/tasks', { handle: ({ ctx }) => listTasks(ctx) }),
}

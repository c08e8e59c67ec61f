import { moveShareSchema, ringsQuerySchema } from '#server/domain/access/ring-views.ts'
import { promoteSchema } from '#server/domain/runs/start-run-schema.ts'
import { listRings } from '#server/usecases/access/list-rings.ts'
import { moveShare } from '#server/usecases/access/move-share.ts'
import { promoteCanary } from '#server/usecases/access/promote-canary.ts'
import { route } from './route.ts'

export const ringRoutes = {
  'GET /api/rings': route('GET /api/rings', {
    query: ringsQuerySchema,
    handle: ({ ctx, query }) => listRings(ctx, query),
  }),
  'POST /api/rings/:namespace/:name/share': route('POST /api/rings/:namespace/:name/share', {
    body: moveShareSchema,
    handle: ({ ctx, params, body }) => moveShare(ctx, { ...params, ...body }),
  }),
  'POST /api/rings/:namespace/:name/promote': route('POST /api/rings/:namespace/:name/promote', {
    body: promoteSchema,
    status: 201,
    handle: ({ ctx, params, body }) => promoteCanary(ctx, { ...params, ...body }),
  }),
}

import { route } from '#server/processes/web/route.ts'
import { promoteSchema } from '#server/runs/model/start-run-schema.ts'
import { listRings } from '#server/serving/verbs/list-rings.ts'
import { moveShare } from '#server/serving/verbs/move-share.ts'
import { promoteCanary } from '#server/serving/verbs/promote-canary.ts'
import { moveShareSchema, ringsQuerySchema } from '#server/serving/views/ring-views.ts'

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

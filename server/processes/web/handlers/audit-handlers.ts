import { auditNewerSchema, auditPageSchema } from '#server/audit/model/audit-query.ts'
import { checkAudit } from '#server/audit/verbs/check-audit.ts'
import { countNewerAudit } from '#server/audit/verbs/count-newer-audit.ts'
import { getAuditState } from '#server/audit/verbs/get-audit-state.ts'
import { getBindingHistory } from '#server/audit/verbs/get-binding-history.ts'
import { searchAudit } from '#server/audit/verbs/search-audit.ts'
import { listWebhooks } from '#server/notices/verbs/list-webhooks.ts'
import { retryNotices } from '#server/notices/verbs/retry-notices.ts'
import { route } from '#server/processes/web/route.ts'

export const auditRoutes = {
  'GET /api/audit': route('GET /api/audit', {
    query: auditPageSchema,
    handle: ({ ctx, query }) => searchAudit(ctx, query),
  }),
  'GET /api/audit/newer': route('GET /api/audit/newer', {
    query: auditNewerSchema,
    handle: ({ ctx, query }) => countNewerAudit(ctx, query),
  }),
  'GET /api/audit/state': route('GET /api/audit/state', {
    handle: ({ ctx }) => getAuditState(ctx),
  }),
  'GET /api/audit/webhooks': route('GET /api/audit/webhooks', {
    handle: ({ ctx }) => listWebhooks(ctx),
  }),
  'POST /api/audit/webhooks/:name/retry': route('POST /api/audit/webhooks/:name/retry', {
    handle: ({ ctx, params }) => retryNotices(ctx, params),
  }),
  'POST /api/audit/verify': route('POST /api/audit/verify', {
    handle: ({ ctx }) => checkAudit(ctx),
  }),
  'GET /api/bindings/:namespace/:name/history': route(
    'GET /api/bindings/:namespace/:name/history',
    { handle: ({ ctx, params }) => getBindingHistory(ctx, params) },
  ),
}

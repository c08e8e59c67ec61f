import { handlersOf } from '#server/web/routes.ts'

export const { POST } = handlersOf('/api/audit/webhooks/:name/retry')

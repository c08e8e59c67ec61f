import { handlersOf } from '#server/web/routes.ts'

export const { POST } = handlersOf('/api/rings/:namespace/:name/promote')

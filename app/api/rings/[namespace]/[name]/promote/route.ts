import { handlersOf } from '#server/processes/web/json-routes.ts'

export const { POST } = handlersOf('/api/rings/:namespace/:name/promote')

import { handlersOf } from '#server/processes/web/json-routes.ts'

export const { GET, PATCH, DELETE } = handlersOf('/api/conversations/:id')

import { handlersOf } from '#server/web/routes.ts'

export const { GET, PATCH, DELETE } = handlersOf('/api/conversations/:id')

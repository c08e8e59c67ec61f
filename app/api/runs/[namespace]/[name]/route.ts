import { handlersOf } from '#server/web/routes.ts'

export const { GET, DELETE } = handlersOf('/api/runs/:namespace/:name')

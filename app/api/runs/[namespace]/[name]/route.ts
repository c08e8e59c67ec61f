import { handlersOf } from '#server/processes/web/json-routes.ts'

export const { GET, DELETE } = handlersOf('/api/runs/:namespace/:name')

import { handlersOf } from '#server/processes/web/json-routes.ts'

export const { GET } = handlersOf('/api/runs/:namespace/:name/log/search')

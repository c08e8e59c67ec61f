import { handlersOf } from '#server/processes/web/json-routes.ts'

export const { GET } = handlersOf('/api/bindings/:namespace/:name/history')

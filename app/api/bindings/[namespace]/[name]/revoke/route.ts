import { handlersOf } from '#server/processes/web/json-routes.ts'

export const { POST } = handlersOf('/api/bindings/:namespace/:name/revoke')

import { handlersOf } from '#server/web/routes.ts'

export const { GET } = handlersOf('/api/bindings/:namespace/:name/history')

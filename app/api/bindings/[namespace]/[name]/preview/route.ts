import { handlersOf } from '#server/web/routes.ts'

export const { POST } = handlersOf('/api/bindings/:namespace/:name/preview')

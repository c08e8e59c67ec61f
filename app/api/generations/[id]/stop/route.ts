import { handlersOf } from '#server/web/routes.ts'

export const { POST } = handlersOf('/api/generations/:id/stop')

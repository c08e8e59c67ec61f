import { handlersOf } from '#server/web/routes.ts'

export const { GET, POST } = handlersOf('/api/presets')

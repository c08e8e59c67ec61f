import { handlersOf } from '#server/web/routes.ts'

export const { GET } = handlersOf('/api/runs/older')

import { authHandler } from '#server/web/auth-handler.ts'

export { authHandler as GET, authHandler as POST }

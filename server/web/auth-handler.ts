import NextAuth from 'next-auth'
import { authOptions } from './auth-options.ts'
import { processState } from './process-state.ts'

/** next-auth's own routes: `/api/auth/*`. */
export async function authHandler(
  request: Request,
  context: { params: Promise<{ nextauth: string[] }> },
): Promise<Response> {
  return NextAuth(authOptions(processState().config))(request, context)
}

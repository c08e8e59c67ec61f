import NextAuth from 'next-auth'
import { authLogger } from './auth-logger.ts'
import { authOptions } from './auth-options.ts'
import { processState } from './process-state.ts'
import { requestIdHeader, sourceHeader } from './settle-origin.ts'

/** next-auth's own routes: `/api/auth/*`. */
export async function authHandler(
  request: Request,
  context: { params: Promise<{ nextauth: string[] }> },
): Promise<Response> {
  // What anybody's browser would like to see in our log.
  if ((await context.params).nextauth[0] === '_log') return new Response(null, { status: 204 })
  const { config, audit, sessions, log } = processState()
  const source = request.headers.get(sourceHeader) ?? undefined
  const requestId = request.headers.get(requestIdHeader) ?? undefined
  const options = authOptions(config, {
    async open(person, vouched) {
      const id = await sessions.open(person, vouched)
      const who = person.user
      const on = { kind: 'Session', namespace: '', name: who, uid: id }
      const at = new Date().toISOString()
      audit.note([{ key: `session/${id}`, at, what: 'signed-in', who, on, source, requestId }])
      return id
    },
    end: sessions.end,
  })
  return NextAuth({ ...options, logger: authLogger(log) })(request, context)
}

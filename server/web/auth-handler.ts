import { randomUUID } from 'node:crypto'
import NextAuth from 'next-auth'
import { authOptions } from './auth-options.ts'
import { processState } from './process-state.ts'
import { sourceOf } from './source-of.ts'

/** next-auth's own routes: `/api/auth/*`. */
export async function authHandler(
  request: Request,
  context: { params: Promise<{ nextauth: string[] }> },
): Promise<Response> {
  const { config, audit } = processState()
  const source = sourceOf((name) => request.headers.get(name) ?? undefined)
  const options = authOptions(config, (who) => {
    const id = randomUUID()
    const on = { kind: 'Session', namespace: '', name: who, uid: id }
    const at = new Date().toISOString()
    audit.note([{ key: `session/${id}`, at, what: 'signed-in', who, on, source }])
  })
  return NextAuth(options)(request, context)
}

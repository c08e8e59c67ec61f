import { z } from 'zod'
import { removedSessionCookie } from '#server/platform/auth/session-cookie.ts'
import type { SignOutView } from '#server/platform/auth/views/sign-in.ts'
import { route } from '#server/processes/web/route.ts'

export const sessionRoutes = {
  'POST /api/sign-out': route('POST /api/sign-out', {
    body: z.object({ everywhere: z.boolean() }),
    async handle({ state, session, ctx, setCookie, body: { everywhere } }): Promise<SignOutView> {
      const { NEXTAUTH_URL } = state.config
      const returnTo = NEXTAUTH_URL && new URL('/sign-in', NEXTAUTH_URL).href
      const url = await state.sessions.signOut(session, everywhere, returnTo)
      setCookie(removedSessionCookie(state.config))
      const { id, person } = session
      const what = everywhere ? 'signed-out-everywhere' : 'signed-out'
      const on = { kind: 'Session', namespace: '', name: person.user, uid: id }
      const at = ctx.now().toISOString()
      const { requestId } = ctx
      ctx.note([{ key: `session/${id}/end`, at, what, who: person.user, on, requestId }])
      return { url }
    },
  }),
  'POST /api/sign-out/provider': route('POST /api/sign-out/provider', {
    body: z.object({ logout_token: z.string().max(20_000) }),
    // The specification asks for 200.
    handle: async ({ state, body }) => ({
      ended: await state.sessions.signOutAsTold(body.logout_token),
    }),
  }),
}

import { z } from 'zod'
import { demoPeople } from '#server/platform/auth/demo-people.ts'
import type { Vouched } from '#server/platform/auth/session.ts'
import { sessionCookie } from '#server/platform/auth/session-cookie.ts'
import {
  createSignInFlow,
  type Opened,
  type SignInFlow,
} from '#server/platform/auth/sign-in-flow.ts'
import type { SignInView } from '#server/platform/auth/views/sign-in.ts'
import type { Config } from '#server/platform/config.ts'
import { requestIdHeader, sourceHeader } from '#server/platform/http/trusted-proxy.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { AuthorizedRequest } from '#server/processes/web/authenticate.ts'
import type { ProcessState } from '#server/processes/web/process-state.ts'
import { route } from '#server/processes/web/route.ts'

const returnTo = z.string().max(2_000).default('/')

export const signInRoutes = {
  'POST /api/sign-in': route('POST /api/sign-in', {
    body: z.object({ returnTo }),
    async handle({ state, header, setCookie, body }): Promise<SignInView> {
      const { location, cookies } = await flowOf(state, header).begin({
        origin: originOf(state.config, header),
        cookieHeader: header('cookie') ?? '',
        returnTo: body.returnTo,
      })
      for (const cookie of cookies) setCookie(cookie)
      return { url: location }
    },
  }),
  'GET /api/auth/callback/oidc': route('GET /api/auth/callback/oidc', {
    redirects: true,
    async handle({ state, header, setCookie, search }): Promise<string> {
      const { location, cookies } = await flowOf(state, header).finish({
        origin: originOf(state.config, header),
        cookieHeader: header('cookie') ?? '',
        query: search,
      })
      for (const cookie of cookies) setCookie(cookie)
      return location
    },
  }),
  'POST /api/sign-in/demo': route('POST /api/sign-in/demo', {
    body: z.object({ person: z.string().max(200) }),
    async handle({ state, header, setCookie, body }): Promise<SignInView> {
      const chosen = demoPeople(state.config).find(({ id }) => id === body.person)
      if (!chosen) throw new AppError('not-found', 'There is nobody of that name to sign in as.')
      const { id: user, name, groups } = chosen
      const { token } = await openNoted(state, header, { user, name, groups })
      setCookie(sessionCookie(state.config, token))
      return {}
    },
  }),
}

type Header = AuthorizedRequest<'POST /api/sign-in', undefined, undefined>['header']

function flowOf(
  { config, provider, sessions, log, ...state }: ProcessState,
  header: Header,
): SignInFlow {
  if (!provider) throw new AppError('not-found', 'No sign-in provider is set here.')
  return createSignInFlow({
    config,
    provider,
    log,
    sessionOf: sessions.of,
    open: (person, vouched) => openNoted({ ...state, sessions }, header, person, vouched),
  })
}

/** Opens a session and notes it in the audit trail. */
async function openNoted(
  { sessions, audit }: Pick<ProcessState, 'sessions' | 'audit'>,
  header: Header,
  person: Opened,
  vouched?: Vouched,
): Promise<{ token: string }> {
  const { id, token } = await sessions.open(person, vouched)
  const who = person.user
  const on = { kind: 'Session', namespace: '', name: who, uid: id }
  const at = new Date().toISOString()
  const [source, requestId] = [header(sourceHeader), header(requestIdHeader)]
  audit.note([{ key: `session/${id}`, at, what: 'signed-in', who, on, source, requestId }])
  return { token }
}

/** Where the browser has the pages: NEXTAUTH_URL, else the address by which it came. */
function originOf({ NEXTAUTH_URL }: Config, header: Header): string {
  if (NEXTAUTH_URL) return new URL(NEXTAUTH_URL).origin
  return `${header('x-forwarded-proto') ?? 'http'}://${header('x-forwarded-host') ?? 'localhost'}`
}

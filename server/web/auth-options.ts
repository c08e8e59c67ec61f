import type { Account, NextAuthOptions } from 'next-auth'
import type { Config } from '#server/config.ts'
import { AppError } from '#server/domain/errors.ts'
import { ownPath } from '#server/domain/own-path.ts'
import { demoPeople } from './demo-people.ts'
import { personOfClaims, type SignedIn } from './oidc-claims.ts'
import { createSeal, sessionSecret } from './seal.ts'
import type { Vouched } from './session.ts'
import { isBehindTls, sessionCookieName } from './session-cookie.ts'

declare module 'next-auth/jwt' {
  interface JWT {
    session?: string
  }
}

/**
 * Sign-in by choosing a person (demo) or through an OIDC provider. `sessions` begins one for whoever came through, and
 * the cookie seals its number.
 */
export function authOptions(
  config: Config,
  sessions: {
    open(person: SignedIn, vouched?: Vouched): Promise<string>
    end(session: string): Promise<void>
  },
): NextAuthOptions {
  const people = demoPeople(config)
  const seal = createSeal(config)
  const secure = isBehindTls(config)
  return {
    secret: sessionSecret(config),
    session: { strategy: 'jwt', maxAge: config.SESSION_MAX_AGE_SECONDS },
    jwt: { decode: async ({ token, salt }) => (await seal.open(token, salt)) ?? null },
    useSecureCookies: secure,
    cookies: {
      sessionToken: {
        name: sessionCookieName(secure),
        options: { httpOnly: true, sameSite: 'lax', path: '/', secure },
      },
    },
    pages: { signIn: '/sign-in', error: '/sign-in', signOut: '/sign-in' },
    providers: config.OIDC_ISSUER ? [oidcProvider(config)] : [demoProvider(people)],
    events: {
      async signOut({ token }) {
        if (token?.session) await sessions.end(token.session)
      },
    },
    callbacks: {
      signIn({ account, profile }) {
        if (account?.provider !== 'oidc') return true
        const person = personOfClaims({ ...profile }, config)
        return 'refused' in person ? `/sign-in?error=${person.refused}` : true
      },
      async jwt({ token, user, account, profile }) {
        // Afterwards the token comes back as it was written.
        if (!account) return token
        if (account.provider === 'oidc') {
          const person = personOfClaims({ ...profile }, config)
          if ('refused' in person) throw nobody()
          return { session: await sessions.open(person, vouchedBy(account, { ...profile })) }
        }
        const chosen = people.find((one) => one.id === user.id)
        if (!chosen) throw nobody()
        const { id, name, groups } = chosen
        return { session: await sessions.open({ user: id, name, groups }) }
      },
      session: ({ session }) => ({ expires: session.expires }),
      // A path, so that the browser stays at the address by which it came.
      redirect: ({ url, baseUrl }) => ownPath(url, baseUrl) ?? '/',
    },
  }
}

function nobody(): AppError {
  return new AppError('unauthenticated', 'Nobody of that name can sign in.')
}

/** A session lasts no longer than the provider answers for it, unless there is a token to ask it again. */
function vouchedBy(account: Account, { sub, sid, exp }: Record<string, unknown>): Vouched {
  const until = account.expires_at ?? (typeof exp === 'number' ? exp : 0)
  return {
    subject: String(sub),
    session: typeof sid === 'string' ? sid : undefined,
    tokens: { refresh: account.refresh_token, id: account.id_token },
    freshForSeconds: Math.max(0, until - Date.now() / 1000),
  }
}

function demoProvider(
  people: { id: string; name: string }[],
): NextAuthOptions['providers'][number] {
  return {
    id: 'demo',
    name: 'Demo',
    type: 'credentials',
    credentials: { person: {} },
    options: {},
    authorize: async (credentials) => people.find((one) => one.id === credentials?.person) ?? null,
  } as NextAuthOptions['providers'][number]
}

function oidcProvider(config: Config): NextAuthOptions['providers'][number] {
  return {
    id: 'oidc',
    name: config.OIDC_NAME,
    type: 'oauth',
    wellKnown: `${config.OIDC_ISSUER?.replace(/\/$/, '')}/.well-known/openid-configuration`,
    clientId: config.OIDC_CLIENT_ID,
    clientSecret: config.OIDC_CLIENT_SECRET,
    idToken: true,
    checks: ['pkce', 'state', 'nonce'],
    authorization: { params: { scope: config.OIDC_SCOPES } },
    profile: (claims: { sub: string; name?: string }) => ({ id: claims.sub, name: claims.name }),
  }
}

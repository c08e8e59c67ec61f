import type { NextAuthOptions } from 'next-auth'
import type { Config } from '#server/config.ts'
import { AppError } from '#server/domain/errors.ts'
import { demoPeople } from './demo-people.ts'
import { personOfClaims, type SignedIn } from './oidc-claims.ts'

declare module 'next-auth/jwt' {
  interface JWT extends Partial<SignedIn> {}
}

/** Sign-in by choosing a person (demo) or through an OIDC provider; the session is a sealed cookie and nothing else. */
export function authOptions(
  config: Config,
  onSignIn: (user: string) => void = () => {},
): NextAuthOptions {
  const people = demoPeople(config)
  return {
    secret: sessionSecret(config),
    session: { strategy: 'jwt', maxAge: config.SESSION_MAX_AGE_SECONDS },
    pages: { signIn: '/sign-in', error: '/sign-in', signOut: '/sign-in' },
    providers: config.OIDC_ISSUER ? [oidcProvider(config)] : [demoProvider(people)],
    events: {
      signIn({ user, account, profile }) {
        const person = account?.provider === 'oidc' ? personOfClaims({ ...profile }, config) : user
        onSignIn('user' in person ? person.user : user.id)
      },
    },
    callbacks: {
      signIn({ account, profile }) {
        if (account?.provider !== 'oidc') return true
        const person = personOfClaims({ ...profile }, config)
        return 'refused' in person ? `/sign-in?error=${person.refused}` : true
      },
      jwt({ token, user, account, profile }) {
        // Afterwards the token comes back as it was written; nothing else of the provider's is kept.
        if (!account) return token
        const person =
          account.provider === 'oidc' ? personOfClaims({ ...profile }, config) : undefined
        if (person && !('refused' in person)) return { sub: person.user, ...person }
        const chosen = people.find((one) => one.id === user.id)
        if (!chosen) throw new AppError('unauthenticated', 'Nobody of that name can sign in.')
        return { sub: chosen.id, user: chosen.id, name: chosen.name, groups: chosen.groups }
      },
      session({ session, token }) {
        return { expires: session.expires, user: { name: token.name ?? token.user } }
      },
      redirect({ url, baseUrl }) {
        // A path stays a path, so that the browser stays at the address by which it came.
        if (url.startsWith('/') && !url.startsWith('//') && !url.startsWith('/\\')) return url
        return URL.canParse(url) && new URL(url).origin === new URL(baseUrl).origin ? url : '/'
      },
    },
  }
}

/** Several replicas read each other's sessions, so the secret is given, never invented. */
export function sessionSecret({ NEXTAUTH_SECRET }: Config): string {
  if (NEXTAUTH_SECRET) return NEXTAUTH_SECRET
  throw new Error(
    'NEXTAUTH_SECRET is not set: it seals the sessions; give at least 32 random characters.',
  )
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

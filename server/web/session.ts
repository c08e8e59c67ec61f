import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Config } from '#server/config.ts'
import { AppError } from '#server/domain/errors.ts'
import type { Log } from '#server/log.ts'
import type { SessionStore, SignedIn, StoredSession } from '#server/store/session-store.ts'
import type { Actor } from '#server/usecases/context.ts'
import { createIdentityProvider, type Tokens } from './identity-provider.ts'
import { personOfClaims } from './oidc-claims.ts'
import { openedCookies } from './opened-cookies.ts'
import { createSeal } from './seal.ts'
import { isBehindTls, sessionToken } from './session-cookie.ts'
import { type Change, createSessionKeeper } from './session-keeper.ts'

export type Person = Extract<Actor, { type: 'person' }>
export type Session = { id: string; person: Person }

/** What a provider gave at a sign-in. */
export type Vouched = {
  subject: string
  session?: string
  tokens: Tokens
  freshForSeconds: number
}

export type Sessions = {
  /**
   * Whose `Cookie` header this is; undefined where it holds no session. Throws `unauthenticated` with the reason where
   * one is over, `unavailable` where nobody can say.
   */
  of(cookieHeader: string | undefined): Promise<Session | undefined>
  /** Begins one; its id is what the cookie seals. */
  open(person: SignedIn, vouched?: Vouched): Promise<string>
  watch(session: Session, signal: AbortSignal, onChange: (change: Change) => void): void
  /** Whatever its cookie is copied to. */
  end(id: string): Promise<void>
  /** Answers where the browser goes to be signed out at the provider too. */
  signOut(
    session: Session,
    everywhere: boolean,
    returnTo: string | undefined,
  ): Promise<string | undefined>
  /** What the provider itself says is over; answers how many sessions that ended. */
  signOutAsTold(logoutToken: string): Promise<number>
}

const tokensSchema = z.object({ refresh: z.string().optional(), id: z.string().optional() })
const salt = 'provider tokens'

/**
 * The cookie seals the number of a session and nothing else: who that is, and whether it still is, stands in the store,
 * so that all replicas and open streams see a sign-out, a renewal or a refusal within a second or two.
 */
export function createSessions(parts: {
  config: Config
  store: SessionStore
  log: Log
  signal: AbortSignal
}): Sessions {
  const { config, store, log, signal } = parts
  const seal = createSeal(config)
  const isSecure = isBehindTls(config)
  const openCookie = openedCookies(seal)
  const provider = createIdentityProvider(config)
  const keeper = createSessionKeeper({ store, renew, log, signal })

  async function tokensIn(sealed: string | undefined): Promise<Tokens> {
    return tokensSchema.parse((await seal.open(sealed, salt)) ?? {})
  }

  function sealedTokens(tokens: Tokens): Promise<string> {
    return seal.close(tokens, config.SESSION_MAX_AGE_SECONDS, salt)
  }

  async function renew({ id, user, subject = '' }: StoredSession, sealed: string): Promise<void> {
    const { refresh } = await tokensIn(sealed)
    // Without one nobody vouches any longer.
    if (!provider || !refresh) return void (await store.end({ id }, 'expired'))
    try {
      const { claims, tokens, freshForSeconds } = await provider.renew(refresh, subject)
      const person = personOfClaims(claims, config)
      if ('refused' in person || person.user !== user) {
        log.warn({ user, person }, 'a session ends: the provider says something else of who it is')
        return void (await store.end({ id }, 'refused'))
      }
      await store.renewed(id, { ...person, sealed: await sealedTokens(tokens), freshForSeconds })
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'unauthenticated') throw error
      log.info({ user, err: error }, 'a session ends: its provider refuses to renew it')
      await store.end({ id }, 'refused')
    }
  }

  return {
    async of(cookieHeader) {
      if (!cookieHeader) return undefined
      const id = await openCookie(sessionToken(cookieHeader, isSecure))
      if (id === undefined) return undefined
      const { user, name, groups } = await keeper.look(id)
      return { id, person: { type: 'person', user, name, groups } }
    },

    async open(person, vouched) {
      const id = randomUUID()
      await store.open({
        id,
        ...person,
        lifeSeconds: config.SESSION_MAX_AGE_SECONDS,
        provider: vouched && { ...vouched, sealed: await sealedTokens(vouched.tokens) },
      })
      return id
    },

    watch: ({ id, person }, until, onChange) => keeper.watch(id, person, until, onChange),

    async end(id) {
      keeper.forget(await store.end({ id }, 'signedOut'))
    },

    async signOut({ id, person }, everywhere, returnTo) {
      const { id: idToken } = await tokensIn(await store.sealedOf(id))
      const ended = everywhere
        ? await store.end({ person: person.user }, 'everywhere')
        : await store.end({ id }, 'signedOut')
      keeper.forget(ended)
      return returnTo ? provider?.signOutUrl(idToken, returnTo) : undefined
    },

    async signOutAsTold(logoutToken) {
      if (!provider) throw new AppError('not-found', 'Nobody signs in through a provider here.')
      const ended = await store.end(
        { provider: await provider.signedOutBy(logoutToken) },
        'provider',
      )
      keeper.forget(ended)
      return ended.length
    },
  }
}

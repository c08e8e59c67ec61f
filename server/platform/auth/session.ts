import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Config } from '#server/platform/config.ts'
import type { Log } from '#server/platform/log.ts'
import type { Actor } from '#server/platform/model/actor.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { createCookieEncryption } from './cookie-encryption.ts'
import type { Answer, IdentityProvider, Tokens } from './identity-provider.ts'
import { personOfClaims } from './oidc-claims.ts'
import { hashOfToken, isBehindTls, newSessionToken, sessionToken } from './session-cookie.ts'
import { sessionFinder } from './session-finder.ts'
import { createSessionKeeper } from './session-keeper.ts'
import { leaseSeconds } from './session-renewals.ts'
import type { SessionStore, SignedIn, StoredSession } from './session-store.ts'
import type { Change } from './session-watchers.ts'

export type Person = Extract<Actor, { type: 'person' }>
export type Session = { id: string; person: Person }

/** What a provider gave at a sign-in. */
export type Vouched = Omit<Answer, 'claims'>

export type Sessions = {
  /**
   * Whose `Cookie` header this is; undefined where it holds no session. Throws `unauthenticated` with the reason where
   * one is over, `unavailable` where nobody can say.
   */
  of(cookieHeader: string | undefined): Promise<Session | undefined>
  /** Begins one; the token goes into the cookie. */
  open(person: SignedIn, vouched?: Vouched): Promise<{ id: string; token: string }>
  watch(session: Session, signal: AbortSignal, onChange: (change: Change) => void): void
  /** Answers where the browser goes to be signed out at the provider too. */
  signOut(
    session: Session,
    everywhere: boolean,
    returnTo: string | undefined,
  ): Promise<string | undefined>
  /** What the provider itself says is over; answers how many sessions that ended. */
  signOutAsTold(logoutToken: string): Promise<number>
  /** Resolves when no renewal is under way: a token that is spent gets its successor. */
  settled(): Promise<void>
}

const tokensSchema = z.object({ refresh: z.string().optional(), id: z.string().optional() })
/** How long a refresh token's successor is tried to be stored while the database is away. */
const keepForMs = 60_000
const keepAgainMs = 500

/**
 * The cookie holds a random token and nothing else: who that is, and whether it still is, stands in the store, so that
 * all replicas and open streams see a sign-out, a renewal or a refusal within a second or two.
 */
export function createSessions(parts: {
  config: Config
  provider: IdentityProvider | undefined
  store: SessionStore
  log: Log
  signal: AbortSignal
}): Sessions {
  const { config, provider, store, log, signal } = parts
  const seal = createCookieEncryption(config)
  const isSecure = isBehindTls(config)
  const findSession = sessionFinder(store.idsOf)
  const graceMs = config.OIDC_GRACE_MINUTES * 60_000
  const isProviderAway = () => provider?.isAway() ?? false
  const keeper = createSessionKeeper({ store, renew, isProviderAway, graceMs, log, signal })

  async function tokensIn(sealed: string | undefined): Promise<Tokens | undefined> {
    const opened = await seal.open(sealed)
    return opened && tokensSchema.parse(opened)
  }

  function sealedTokens(tokens: Tokens): Promise<string> {
    return seal.close(tokens, config.SESSION_MAX_AGE_SECONDS)
  }

  async function renew(session: StoredSession, sealed: string): Promise<void> {
    const { id, user, subject = '', fresh } = session
    const tokens = await tokensIn(sealed)
    const isOver = fresh === undefined || fresh.forMs + graceMs <= 0
    if (!tokens && !isOver) {
      // While a new secret is rolled out, the replicas that have it can renew what they sealed.
      throw new AppError(
        'unavailable',
        'The tokens of this session were sealed by a secret that is not set here.',
        {
          key: 'session.cannotRenew',
        },
      )
    }
    if (!provider || !tokens?.refresh) return void (await store.end({ id }, 'expired'))
    try {
      const keep = (refresh: string) => keepTokens(id, { ...tokens, refresh })
      const answer = await provider.renew(tokens.refresh, subject, keep)
      const person = personOfClaims(answer.claims, config)
      if ('refused' in person || person.user !== user) {
        log.warn({ user, person }, 'session ended: the provider names another person')
        return void (await store.end({ id }, 'refused'))
      }
      const { freshForSeconds } = answer
      const renewed = { ...tokens, ...answer.tokens, id: answer.tokens.id ?? tokens.id }
      await store.renewed(id, { ...person, sealed: await sealedTokens(renewed), freshForSeconds })
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'unauthenticated') throw error
      log.info({ user, err: error }, 'session ended: the provider refuses to renew it')
      await store.end({ id }, 'refused')
    }
  }

  async function keepTokens(id: string, tokens: Tokens): Promise<void> {
    const sealed = await sealedTokens(tokens)
    const untilMs = performance.now() + keepForMs
    while (true) {
      try {
        await store.keepSealed(id, sealed, leaseSeconds)
        return
      } catch (error) {
        if (performance.now() > untilMs) throw error
        log.warn({ err: error }, 'refresh token not stored; retrying')
        await pause(keepAgainMs)
      }
    }
  }

  return {
    async of(cookieHeader) {
      if (!cookieHeader) return undefined
      const id = await findSession(sessionToken(cookieHeader, isSecure))
      if (id === undefined) return undefined
      const { user, name, groups } = await keeper.look(id)
      return { id, person: { type: 'person', user, name, groups } }
    },

    async open(person, vouched) {
      const id = randomUUID()
      const token = newSessionToken()
      await store.open({
        id,
        tokenHash: hashOfToken(token) ?? '',
        ...person,
        lifeSeconds: config.SESSION_MAX_AGE_SECONDS,
        provider: vouched && { ...vouched, sealed: await sealedTokens(vouched.tokens) },
      })
      return { id, token }
    },

    watch: ({ id, person }, until, onChange) => keeper.watch(id, person, until, onChange),

    async signOut({ id, person }, everywhere, returnTo) {
      const tokens = await tokensIn(await store.sealedOf(id))
      const ended = everywhere
        ? await store.end({ person: person.user }, 'everywhere')
        : await store.end({ id }, 'signedOut')
      keeper.forget(ended)
      return returnTo ? provider?.signOutUrl(tokens?.id, returnTo) : undefined
    },

    async signOutAsTold(logoutToken) {
      if (!provider) throw new AppError('not-found', 'No sign-in provider is set here.')
      const ended = await store.end(
        { provider: await provider.signedOutBy(logoutToken) },
        'provider',
      )
      keeper.forget(ended)
      return ended.length
    },

    settled: keeper.settled,
  }
}

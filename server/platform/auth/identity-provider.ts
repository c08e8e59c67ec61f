import { errors as joseErrors } from 'jose'
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  refreshTokenGrant,
} from 'openid-client'
import { z } from 'zod'
import type { Config } from '#server/platform/config.ts'
import type { Log } from '#server/platform/log.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { type BreakerTimes, createCircuitBreaker } from '#server/platform/time/circuit-breaker.ts'
import { parseLogoutToken } from './logout-token.ts'
import { createDiscovery } from './provider-discovery.ts'
import {
  providerAway,
  providerFailure,
  providerRefuses,
  providerUnusable,
} from './provider-failure.ts'
import { createProviderFetch, type ProviderFetch } from './provider-fetch.ts'
import { createProviderKeys, signingAlgorithms } from './provider-keys.ts'
import type { Told } from './session-store.ts'

export type Tokens = { refresh?: string; id?: string }

/** What the provider says at a sign-in or a renewal. */
export type Answer = {
  subject: string
  /** Its session there, where it names one. */
  session?: string
  /** Who it is now, as a verified id token says it. */
  claims: Record<string, unknown>
  tokens: Tokens
  freshForSeconds: number
}

export type SignInRequest = { redirectUri: string; state: string; nonce: string; verifier: string }

/** Every method throws `unavailable` with the reason where the provider is away or its answer cannot be used. */
export type IdentityProvider = {
  /** Whether it did not answer lately, so that calls fail at once. */
  isAway(): boolean
  /** Where the browser goes to sign in: code flow with PKCE, state and nonce. */
  authorizationUrl(request: SignInRequest): Promise<string>
  /** Redeems the code with which the browser came back; throws `unauthenticated` where the provider refuses. */
  redeem(callback: URL, request: SignInRequest): Promise<Answer>
  /**
   * Spends a refresh token. `keep` gets its successor before anything else of the answer is looked at, so that none is
   * lost with an answer that cannot be used. Throws `unauthenticated` where the provider refuses for good.
   */
  renew(
    refreshToken: string,
    subject: string,
    keep: (successor: string) => Promise<void>,
  ): Promise<Answer>
  /** Where the browser goes to be signed out there too; undefined where the provider has no such place. */
  signOutUrl(idToken: string | undefined, returnTo: string): Promise<string | undefined>
  /** Who is signed out by a logout token (OpenID Connect Back-Channel Logout 1.0); throws `bad-request` for no such. */
  signedOutBy(logoutToken: string): Promise<Told>
}

export type ProviderTimes = BreakerTimes & {
  /** While a browser waits. */
  signInMs: number
  /** A slow answer to a renewal is waited for: the refresh token is spent. */
  renewMs: number
  keysCooldownMs: number
}

export const providerTimes: ProviderTimes = {
  failuresMax: 3,
  openMs: 1_000,
  openMaxMs: 30_000,
  slowMs: 10_000,
  signInMs: 10_000,
  renewMs: 60_000,
  keysCooldownMs: 1_000,
}

/** What the provider says is believed for an hour at most, whatever it says of its life. */
const freshSeconds = { min: 5, max: 3600, unsaid: 300 }
/** Of what is kept and sent on. The token is a hint, which a sign-out works without. */
const charsMax = { idToken: 3_000, signOutUrl: 4_096, refreshToken: 32_000 }

const successorSchema = z.object({ refresh_token: z.string().min(1).max(charsMax.refreshToken) })

export function createIdentityProvider(
  config: Config,
  log: Log,
  times = providerTimes,
): IdentityProvider | undefined {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = config
  if (!OIDC_ISSUER || !OIDC_CLIENT_ID || !OIDC_CLIENT_SECRET) return undefined
  const breaker = createCircuitBreaker(times, () => providerAway())
  const signInFetch = createProviderFetch(breaker, times.signInMs)
  const renewFetch = createProviderFetch(breaker, times.renewMs)
  const keys = createProviderKeys(signInFetch, {
    deadlineMs: times.signInMs,
    cooldownMs: times.keysCooldownMs,
  })
  const { client } = createDiscovery({
    issuer: new URL(OIDC_ISSUER),
    clientId: OIDC_CLIENT_ID,
    clientSecret: OIDC_CLIENT_SECRET,
    fetch: signInFetch,
    log,
  })

  function verified(token: string, provider: Configuration): Promise<Uint8Array> {
    const { jwks_uri = '', id_token_signing_alg_values_supported } = provider.serverMetadata()
    return keys.verify(token, jwks_uri, signingAlgorithms(id_token_signing_alg_values_supported))
  }

  return {
    isAway: breaker.isOpen,

    async authorizationUrl({ redirectUri, state, nonce, verifier }) {
      const provider = await client(signInFetch)
      return buildAuthorizationUrl(provider, {
        redirect_uri: redirectUri,
        scope: config.OIDC_SCOPES,
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).href
    },

    async redeem(callback, { state, nonce, verifier }) {
      try {
        const provider = await client(signInFetch)
        const answer = await authorizationCodeGrant(provider, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const claims = answer.claims()
        if (!claims || !answer.id_token) throw providerUnusable(new Error('There is no id token.'))
        // Checked although the token came over TLS from the provider itself.
        await verified(answer.id_token, provider)
        return answerOf(claims, answer.refresh_token, answer.id_token, answer.expires_in)
      } catch (error) {
        throw providerFailure(error)
      }
    },

    async renew(refreshToken, subject, keep) {
      try {
        const provider = await client(keepingSuccessor(renewFetch, keep))
        const answer = await refreshTokenGrant(provider, refreshToken)
        const claims = answer.claims() ?? {
          ...(await fetchUserInfo(provider, answer.access_token, subject).catch((cause) => {
            throw providerUnusable(cause)
          })),
        }
        if (answer.id_token) await verified(answer.id_token, provider)
        if (claims.sub !== subject)
          throw providerRefuses('The provider answered for another account.')
        const refresh = answer.refresh_token ?? refreshToken
        return answerOf(claims, refresh, answer.id_token, answer.expires_in)
      } catch (error) {
        throw providerFailure(error)
      }
    },

    async signOutUrl(idToken, returnTo) {
      const provider = await client(signInFetch).catch(() => undefined)
      if (!provider?.serverMetadata().end_session_endpoint) return undefined
      const parameters = { post_logout_redirect_uri: returnTo }
      const short = buildEndSessionUrl(provider, parameters).href
      if (!idToken) return short
      const { href } = buildEndSessionUrl(provider, { ...parameters, id_token_hint: idToken })
      return href.length > charsMax.signOutUrl ? short : href
    },

    async signedOutBy(logoutToken) {
      const provider = await client(signInFetch)
      const payload = await verified(logoutToken, provider).catch((cause) => {
        if (!(cause instanceof joseErrors.JOSEError)) throw providerFailure(cause)
        throw new AppError('bad-request', 'This is no logout token of the provider.', { cause })
      })
      const { issuer } = provider.serverMetadata()
      return parseLogoutToken(payload, { issuer, audience: OIDC_CLIENT_ID, nowMs: Date.now() })
    },
  }
}

function keepingSuccessor(
  fetch: ProviderFetch,
  keep: (successor: string) => Promise<void>,
): ProviderFetch {
  return async (url, init) => {
    const answer = await fetch(url, init)
    if (init.method !== 'POST' || !answer.ok) return answer
    const said = await answer
      .clone()
      .json()
      .catch(() => undefined)
    const { data } = successorSchema.safeParse(said)
    if (data) await keep(data.refresh_token)
    return answer
  }
}

function answerOf(
  claims: Record<string, unknown>,
  refresh: string | undefined,
  id: string | undefined,
  expiresIn: number | undefined,
): Answer {
  const { sub, sid } = claims
  return {
    subject: String(sub),
    session: typeof sid === 'string' && /^\P{Cc}{1,1000}$/u.test(sid) ? sid : undefined,
    claims,
    tokens: {
      refresh: refresh && refresh.length <= charsMax.refreshToken ? refresh : undefined,
      id: id && id.length <= charsMax.idToken ? id : undefined,
    },
    freshForSeconds: freshFor(expiresIn ?? lifeOf(claims)),
  }
}

/** Seconds; a life that is no positive number counts as the shortest. */
function freshFor(said: number | undefined): number {
  if (said === undefined) return freshSeconds.unsaid
  if (!(said > freshSeconds.min)) return freshSeconds.min
  return Math.min(said, freshSeconds.max)
}

function lifeOf({ exp, iat }: Record<string, unknown>): number | undefined {
  return typeof exp === 'number' && typeof iat === 'number' ? exp - iat : undefined
}

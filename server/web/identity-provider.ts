import { setTimeout as pause } from 'node:timers/promises'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import {
  allowInsecureRequests,
  buildEndSessionUrl,
  ClientSecretBasic,
  type Configuration,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  ResponseBodyError,
  refreshTokenGrant,
} from 'openid-client'
import type { Config } from '#server/config.ts'
import { AppError } from '#server/domain/errors.ts'
import type { Told } from '#server/store/session-store.ts'

export type Tokens = { refresh?: string; id?: string }

export type Renewal = {
  tokens: Tokens
  /** Who it is now, as an id token says it. */
  claims: Record<string, unknown>
  freshForSeconds: number
}

export type IdentityProvider = {
  /** Throws `unauthenticated` where the provider refuses for good, `unavailable` where it says nothing of use. */
  renew(refreshToken: string, subject: string): Promise<Renewal>
  /** Where the browser goes to be signed out there too; undefined where the provider has no such place. */
  signOutUrl(idToken: string | undefined, returnTo: string): Promise<string | undefined>
  /** Who is signed out by a logout token (OpenID Connect Back-Channel Logout 1.0); throws `bad-request` for no such. */
  signedOutBy(logoutToken: string): Promise<Told>
}

const answersWithinSeconds = 10
/** What the provider says of itself is asked again after that. */
const knownForMs = 10 * 60_000
/** Its keys are asked for again where none fits, but not more often, whatever rubbish somebody sends. */
const keysStandForMs = 1_000
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

export function createIdentityProvider(config: Config): IdentityProvider | undefined {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = config
  if (!OIDC_ISSUER || !OIDC_CLIENT_ID) return undefined
  const issuer = new URL(OIDC_ISSUER)
  let known: { until: number; client: Promise<Configuration> } | undefined
  let keys: { uri: string; set: ReturnType<typeof createRemoteJWKSet> } | undefined

  function client(): Promise<Configuration> {
    if (known && known.until > performance.now()) return known.client
    const asked = discovery(
      issuer,
      OIDC_CLIENT_ID ?? '',
      undefined,
      ClientSecretBasic(OIDC_CLIENT_SECRET),
      {
        timeout: answersWithinSeconds,
        // The signature is checked although the token came over TLS from the provider itself.
        execute: [
          enableNonRepudiationChecks,
          ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : []),
        ],
      },
    )
    known = { until: performance.now() + knownForMs, client: asked }
    asked.catch(() => {
      known = undefined
    })
    return asked
  }

  return {
    async renew(refreshToken, subject) {
      try {
        const provider = await client()
        const answer = await refreshTokenGrant(provider, refreshToken)
        const claims = answer.claims() ?? {
          ...(await fetchUserInfo(provider, answer.access_token, subject)),
        }
        if (claims.sub !== subject) throw refused('The provider answered for somebody else.')
        return {
          claims,
          tokens: { refresh: answer.refresh_token ?? refreshToken, id: answer.id_token },
          freshForSeconds: answer.expiresIn() ?? lifeOf(claims),
        }
      } catch (error) {
        if (error instanceof AppError) throw error
        if (error instanceof ResponseBodyError && error.error === 'invalid_grant') {
          throw refused('The provider does not vouch for this session any more.', error)
        }
        throw new AppError('unavailable', 'The sign-in provider does not answer.', {
          key: 'session.providerSilent',
          cause: error,
        })
      }
    },

    async signOutUrl(idToken, returnTo) {
      const provider = await client().catch(() => undefined)
      if (!provider?.serverMetadata().end_session_endpoint) return undefined
      return buildEndSessionUrl(provider, {
        post_logout_redirect_uri: returnTo,
        ...(idToken ? { id_token_hint: idToken } : {}),
      }).href
    },

    async signedOutBy(logoutToken) {
      const { issuer: name, jwks_uri: uri = '' } = (await client()).serverMetadata()
      if (keys?.uri !== uri) {
        const set = createRemoteJWKSet(new URL(uri), { cooldownDuration: keysStandForMs })
        keys = { uri, set }
      }
      const { set } = keys
      const checks = {
        issuer: name,
        audience: OIDC_CLIENT_ID,
        maxTokenAge: '5m',
        clockTolerance: 30,
      }
      const verify = () => jwtVerify(logoutToken, set, checks)
      const verified = await verify()
        .catch(async (error) => {
          if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
          await pause(keysStandForMs)
          return verify()
        })
        .catch((cause) => {
          throw new AppError('bad-request', 'This is no logout token of the provider.', { cause })
        })
      const { events, nonce, sub, sid, iat = 0 } = verified.payload
      const isLogout = typeof events === 'object' && events !== null && logoutEvent in events
      const session = typeof sid === 'string' ? sid : undefined
      if (!isLogout || nonce !== undefined || (sub === undefined && session === undefined)) {
        throw new AppError('bad-request', 'This token does not sign anybody out.')
      }
      // Whole seconds: a session that began within the same one is over too.
      return { subject: sub, session, before: new Date((iat + 1) * 1000) }
    },
  }
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError('unauthenticated', message, { key: 'session.refused', cause })
}

function lifeOf({ exp, iat }: Record<string, unknown>): number {
  return typeof exp === 'number' && typeof iat === 'number' ? exp - iat : 0
}

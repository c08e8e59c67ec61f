import type { Handler } from '#server/lab/cluster/api/handler.ts'
import type { Access } from '#server/lab/cluster/api/user.ts'
import type { ClusterClient } from '#server/lab/cluster/client.ts'
import { accessReviewHandlers } from './access-reviews.ts'
import { startRoleAggregation } from './aggregate-roles.ts'
import { authenticate, type StaticUser, staticTokens } from './authenticate.ts'
import { authorize } from './authorize.ts'
import { createBootstrapRoles } from './bootstrap-roles.ts'
import { createTokenAuthority, type TokenGrant } from './service-account-tokens.ts'
import { cacheTokens } from './token-cache.ts'
import { tokenRequestHandler } from './token-request.ts'
import { tokenReviewHandlers } from './token-reviews.ts'

export type AccessOptions = {
  /** People and machines with fixed tokens, by token; an admin is in the group `system:masters`. */
  tokens: Record<string, StaticUser>
  /** Issuer and audience of ServiceAccount tokens. */
  issuer?: string
  /** How long a token that was good is taken to be good; 10 s where absent, as in an API server. */
  tokenCacheMs?: number
}

const tokenCacheDefaultMs = 10_000

export type ClusterAccess = Access & {
  /** TokenRequest, TokenReview and all access reviews. */
  handlers: Handler[]
  /** A token for a ServiceAccount, as the kubelet needs it; audiences default to the API itself. */
  issueToken(grant: Omit<TokenGrant, 'audiences'> & { audiences?: string[] }): Promise<{
    token: string
    expires: Date
  }>
  /** The documents at `/.well-known/openid-configuration` and `/openid/v1/jwks`. */
  issuerDocument(path: string): object | undefined
}

/**
 * Who asks and what they may. Creates the roles that every cluster has, so the RBAC kinds must be served already.
 */
export async function createAccess(
  client: ClusterClient,
  options: AccessOptions,
  signal: AbortSignal,
): Promise<ClusterAccess> {
  const issuer = options.issuer ?? 'https://kubernetes.default.svc'
  const tokens = staticTokens(options.tokens)
  const authority = cacheTokens(
    await createTokenAuthority(client, issuer),
    options.tokenCacheMs ?? tokenCacheDefaultMs,
  )
  createBootstrapRoles(client)
  startRoleAggregation(client, signal)
  return {
    authenticate: (headers, certificate) =>
      authenticate(client, tokens, authority, headers, certificate),
    authorize: (user, asked) => authorize(client, user, asked),
    handlers: [
      tokenRequestHandler(client, authority),
      ...tokenReviewHandlers(tokens, authority),
      ...accessReviewHandlers(client),
    ],
    issueToken: (grant) => authority.sign({ audiences: [issuer], ...grant }),
    issuerDocument(path) {
      if (path === '/openid/v1/jwks') return authority.keys()
      if (path !== '/.well-known/openid-configuration') return undefined
      return {
        issuer,
        jwks_uri: `${issuer}/openid/v1/jwks`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      }
    },
  }
}

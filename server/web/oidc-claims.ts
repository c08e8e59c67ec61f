import type { Config } from '#server/config.ts'

export type SignedIn = { user: string; name: string; groups: string[] }

/** Codes that the sign-in page has words for. */
export type Refusal = 'NoUserName' | 'EmailNotVerified' | 'ReservedName' | 'TooManyGroups'

type OidcNames = Pick<
  Config,
  | 'OIDC_ISSUER'
  | 'OIDC_USERNAME_CLAIM'
  | 'OIDC_USERNAME_PREFIX'
  | 'OIDC_GROUPS_CLAIM'
  | 'OIDC_GROUPS_PREFIX'
  | 'OIDC_GROUPS_KEEP'
>

/** What fits a cookie beside the rest of the session, and a SubjectAccessReview at every question. */
const groupBytesMax = 3000

/**
 * Who an id token is to the cluster: as the API server's --oidc-* flags make a user of it, so that RBAC written for
 * kubectl holds here too. Names that Kubernetes keeps for itself are never taken from a provider.
 */
export function personOfClaims(
  claims: Record<string, unknown>,
  names: OidcNames,
): SignedIn | { refused: Refusal } {
  const claim = names.OIDC_USERNAME_CLAIM
  const value = claims[claim]
  if (typeof value !== 'string' || value === '') return { refused: 'NoUserName' }
  if (claim === 'email' && 'email_verified' in claims && claims.email_verified !== true) {
    return { refused: 'EmailNotVerified' }
  }
  const user = userPrefix(names) + value
  if (user.startsWith('system:')) return { refused: 'ReservedName' }
  const groups = groupsOf(claims, names)
  if (Buffer.byteLength(groups.join()) > groupBytesMax) return { refused: 'TooManyGroups' }
  return { user, name: displayName(claims) ?? value, groups }
}

function userPrefix({ OIDC_USERNAME_PREFIX, OIDC_USERNAME_CLAIM, OIDC_ISSUER }: OidcNames): string {
  if (OIDC_USERNAME_PREFIX === '-') return ''
  if (OIDC_USERNAME_PREFIX) return OIDC_USERNAME_PREFIX
  return OIDC_USERNAME_CLAIM === 'email' ? '' : `${OIDC_ISSUER}#`
}

function groupsOf(claims: Record<string, unknown>, names: OidcNames): string[] {
  const value = claims[names.OIDC_GROUPS_CLAIM]
  const listed = Array.isArray(value) ? value : [value]
  const prefix = names.OIDC_GROUPS_PREFIX === '-' ? '' : names.OIDC_GROUPS_PREFIX
  const kept = keepPattern(names.OIDC_GROUPS_KEEP)
  return listed
    .filter((group): group is string => typeof group === 'string' && group !== '')
    .map((group) => prefix + group)
    .filter((group) => !group.startsWith('system:') && kept.test(group))
}

/** `research-*,bindery-admins`: a star stands for anything. */
function keepPattern(globs: string): RegExp {
  const alternatives = globs.split(',').map((glob) =>
    glob
      .trim()
      .split('*')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  )
  return new RegExp(`^(${alternatives.join('|')})$`)
}

function displayName(claims: Record<string, unknown>): string | undefined {
  for (const claim of ['name', 'preferred_username', 'email']) {
    const value = claims[claim]
    if (typeof value === 'string' && value) return value
  }
  return undefined
}

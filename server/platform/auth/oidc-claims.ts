import type { Config } from '#server/platform/config.ts'

export type SignedIn = { user: string; name: string; groups: string[] }

/** Codes that the sign-in page has words for. */
export type Refusal =
  | 'NoUserName'
  | 'UnreadableName'
  | 'EmailNotVerified'
  | 'ReservedName'
  | 'TooManyGroups'
  | 'GroupsNotListed'

type OidcNames = Pick<
  Config,
  | 'OIDC_ISSUER'
  | 'OIDC_USERNAME_CLAIM'
  | 'OIDC_USERNAME_PREFIX'
  | 'OIDC_GROUPS_CLAIM'
  | 'OIDC_GROUPS_PREFIX'
  | 'OIDC_GROUPS_KEEP'
>

/** Each SubjectAccessReview carries all of them. */
const groupBytesMax = 3000
/** Bytes in UTF-8 of a user name, a group or a subject. */
const nameBytesMax = 256
const displayCharsMax = 100

/** Of the cluster and of Bindery's own actors: a record must never take a person for one of them. */
const reserved = /^(system|bindery):/i

/** What two names can differ in without looking different, or what breaks a line: never part of an identity. */
const unreadable =
  /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}|^ | $/u

/**
 * Who an id token is to the cluster: as the API server's --oidc-* flags make a user of it, so that RBAC written for
 * kubectl holds here too. Names that Kubernetes or Bindery keep for themselves are never taken from a provider.
 */
export function personOfClaims(
  claims: Record<string, unknown>,
  names: OidcNames,
): SignedIn | { refused: Refusal } {
  const claim = names.OIDC_USERNAME_CLAIM
  const value = claims[claim]
  if (typeof value !== 'string' || value === '') return { refused: 'NoUserName' }
  if (!isReadable(value) || !isReadable(String(claims.sub))) return { refused: 'UnreadableName' }
  if (claim === 'email' && 'email_verified' in claims && claims.email_verified !== true) {
    return { refused: 'EmailNotVerified' }
  }
  const user = userPrefix(names) + value
  if (reserved.test(user)) return { refused: 'ReservedName' }
  if (hasGroupsElsewhere(claims, names)) return { refused: 'GroupsNotListed' }
  const groups = groupsOf(claims, names)
  if (Buffer.byteLength(groups.join()) > groupBytesMax) return { refused: 'TooManyGroups' }
  return { user, name: displayName(claims) ?? value, groups }
}

function isReadable(name: string): boolean {
  return Buffer.byteLength(name) <= nameBytesMax && name.isWellFormed() && !unreadable.test(name)
}

function userPrefix({ OIDC_USERNAME_PREFIX, OIDC_USERNAME_CLAIM, OIDC_ISSUER }: OidcNames): string {
  if (OIDC_USERNAME_PREFIX === '-') return ''
  if (OIDC_USERNAME_PREFIX) return OIDC_USERNAME_PREFIX
  return OIDC_USERNAME_CLAIM === 'email' ? '' : `${OIDC_ISSUER}#`
}

/**
 * Above about 200 groups Microsoft Entra ID sends a reference in the place of the claim (distributed claims of OpenID
 * Connect Core 1.0, section 5.6.2, or `hasgroups`): without them the person would silently be in no group.
 */
function hasGroupsElsewhere(claims: Record<string, unknown>, names: OidcNames): boolean {
  const claim = names.OIDC_GROUPS_CLAIM
  if (claims[claim] !== undefined) return false
  const { _claim_names: elsewhere, hasgroups } = claims
  const isNamed = typeof elsewhere === 'object' && elsewhere !== null && claim in elsewhere
  return isNamed || (claim === 'groups' && (hasgroups === true || hasgroups === 'true'))
}

function groupsOf(claims: Record<string, unknown>, names: OidcNames): string[] {
  const value = claims[names.OIDC_GROUPS_CLAIM]
  const listed = Array.isArray(value) ? value : [value]
  const prefix = names.OIDC_GROUPS_PREFIX === '-' ? '' : names.OIDC_GROUPS_PREFIX
  const kept = keepPattern(names.OIDC_GROUPS_KEEP)
  return listed
    .filter((group): group is string => typeof group === 'string' && group !== '')
    .filter(isReadable)
    .map((group) => prefix + group)
    .filter((group) => !reserved.test(group) && kept.test(group))
}

/** `research-*,bindery-admins`: a star stands for anything. */
function keepPattern(globs: string): RegExp {
  const alternatives = globs.split(',').map((glob) =>
    glob
      .trim()
      .split(/\*+/)
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  )
  return new RegExp(`^(${alternatives.join('|')})$`)
}

function displayName(claims: Record<string, unknown>): string | undefined {
  for (const claim of ['name', 'preferred_username', 'email']) {
    const value = claims[claim]
    const shown = typeof value === 'string' ? shownName(value) : ''
    if (shown) return shown
  }
  return undefined
}

/** On one line, without marks that hide or turn text around, and not longer than a table cell can show. */
function shownName(text: string): string {
  const line = text
    .slice(0, displayCharsMax * 10)
    .toWellFormed()
    // Joiners inside a word are letters' own in Persian and in India's scripts.
    .replaceAll(/((?<=[\p{L}\p{M}])[\u200c\u200d](?=[\p{L}\p{M}]))|\p{Cf}/gu, '$1')
    .replaceAll(/[\p{Cc}\p{Z}]+/gu, ' ')
    .trim()
  const chars = [...line]
  return chars.length <= displayCharsMax ? line : `${chars.slice(0, displayCharsMax - 1).join('')}…`
}

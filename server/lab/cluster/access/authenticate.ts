import { createHash, timingSafeEqual } from 'node:crypto'
import type { User } from '#server/lab/cluster/api/user.ts'
import type { ClusterClient } from '#server/lab/cluster/client.ts'
import { type Headers, impersonate } from './impersonate.ts'
import type { TokenAuthority } from './service-account-tokens.ts'

/** A person or machine known by a fixed token. */
export type StaticUser = { username: string; uid?: string; groups: string[] }

/** Fixed tokens; the keys are hashes, so that the tokens themselves are kept nowhere. */
export type StaticTokens = ReadonlyMap<string, User>

/** Prepares fixed tokens (keys: the tokens): everybody who signs in belongs to `system:authenticated`. */
export function staticTokens(users: Record<string, StaticUser>): StaticTokens {
  return new Map(
    Object.entries(users).map(([token, { username, uid, groups }]) => [
      hashOf(token),
      {
        username,
        ...(uid ? { uid } : {}),
        groups: [...new Set([...groups, 'system:authenticated'])],
      },
    ]),
  )
}

/** Who a fixed token stands for; the time it takes tells nothing about the tokens. */
export function findStaticUser(tokens: StaticTokens, token: string): User | undefined {
  const wanted = Buffer.from(hashOf(token))
  let found: User | undefined
  for (const [hash, user] of tokens) {
    if (timingSafeEqual(Buffer.from(hash), wanted)) found = user
  }
  return found
}

/**
 * Who sends a request, after impersonation.
 * @returns undefined where the credentials given are bad
 * @throws StatusError 403 where impersonation is not allowed
 */
export async function authenticate(
  client: ClusterClient,
  tokens: StaticTokens,
  authority: TokenAuthority,
  headers: Headers,
  certificate?: User | 'invalid',
): Promise<User | undefined> {
  const named = certificate === 'invalid' ? undefined : certificate
  const user = named ?? (await bearerOf(tokens, authority, headers))
  if (certificate === 'invalid' && user === anonymous) return undefined
  return user && impersonate(client, user, headers)
}

const anonymous: User = { username: 'system:anonymous', groups: ['system:unauthenticated'] }

async function bearerOf(
  tokens: StaticTokens,
  authority: TokenAuthority,
  headers: Headers,
): Promise<User | undefined> {
  const header = [headers.authorization].flat()[0]?.trim()
  if (!header) return anonymous
  const [, token] = /^bearer +(\S+)$/i.exec(header) ?? []
  // Other schemes are not looked at, as in the API server.
  if (token === undefined) return /^bearer\b/i.test(header) ? undefined : anonymous
  const fixed = findStaticUser(tokens, token)
  if (fixed) return fixed
  const verified = await authority.verify(token)
  return verified?.audiences.includes(authority.issuer) ? verified.user : undefined
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

import { badRequest } from '#server/lab/cluster/api/status.ts'
import type { Attributes, User } from '#server/lab/cluster/api/user.ts'
import type { ClusterClient } from '#server/lab/cluster/client.ts'
import { authorize, forbiddenError } from './authorize.ts'
import { serviceAccountGroups } from './service-account-tokens.ts'

/** Request headers, names in lower case. */
export type Headers = Record<string, string | string[] | undefined>

const extraPrefix = 'impersonate-extra-'

/**
 * The user that the `Impersonate-*` headers ask to be, if the one who asks may; without headers, themselves.
 * @throws StatusError 403 where they may not, 400 where the headers name no user
 */
export function impersonate(client: ClusterClient, user: User, headers: Headers): User {
  const [username] = valuesOf(headers, 'impersonate-user')
  const groups = valuesOf(headers, 'impersonate-group')
  const [uid] = valuesOf(headers, 'impersonate-uid')
  const extra = extraOf(headers)
  if (!username) {
    if (groups.length === 0 && uid === undefined && Object.keys(extra).length === 0) return user
    throw badRequest(
      'requested impersonation of groups, a uid or extra without impersonating a user',
    )
  }
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? []
  const asked = (
    resource: string,
    name: string,
    more: Partial<Extract<Attributes, { resource: string }>> = {},
  ) =>
    demand(client, user, {
      verb: 'impersonate',
      group: '',
      version: 'v1',
      resource,
      name,
      ...more,
    })
  if (account !== undefined) asked('serviceaccounts', account, { namespace })
  else asked('users', username)
  for (const group of groups) asked('groups', group)
  const authentication = { group: 'authentication.k8s.io' }
  if (uid !== undefined) asked('uids', uid, authentication)
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) asked('userextras', value, { ...authentication, subresource: key })
  }
  return {
    username,
    ...(uid === undefined ? {} : { uid }),
    groups: groupsOf(username, groups, namespace),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  }
}

function groupsOf(username: string, groups: string[], namespace: string | undefined): string[] {
  if (username === 'system:anonymous') {
    return groups.includes('system:unauthenticated')
      ? groups
      : [...groups, 'system:unauthenticated']
  }
  const own =
    namespace !== undefined && groups.length === 0 ? serviceAccountGroups(namespace) : groups
  const isKnown = own.includes('system:authenticated') || own.includes('system:unauthenticated')
  return isKnown ? own : [...own, 'system:authenticated']
}

function demand(client: ClusterClient, user: User, asked: Attributes): void {
  const { allowed, reason } = authorize(client, user, asked)
  if (!allowed) throw forbiddenError(user, asked, reason)
}

function extraOf(headers: Headers): Record<string, string[]> {
  const found = Object.keys(headers)
    .filter((name) => name.toLowerCase().startsWith(extraPrefix))
    .map((name) => [decoded(name.toLowerCase().slice(extraPrefix.length)), valuesOf(headers, name)])
  return Object.fromEntries(found)
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** Node joins repeated headers with a comma, unless it was asked to keep them apart. */
function valuesOf(headers: Headers, name: string): string[] {
  const value = headers[name]
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  return name === 'impersonate-user' || name === 'impersonate-uid' ? [value] : value.split(', ')
}

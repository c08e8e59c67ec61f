import type { Environment } from '@marcbachmann/cel-js'
import { authorize } from '#server/lab/cluster/access/authorize.ts'
import type { User } from '#server/lab/cluster/api/user.ts'
import type { ClusterClient } from '#server/lab/cluster/client.ts'

type Asked = {
  group: string
  resource: string
  subresource?: string
  namespace?: string
  name?: string
}

/** What `authorizer` is in a policy: whether who makes the request may do something else too. */
export class Authorizer {
  readonly client: ClusterClient
  readonly user: User
  constructor(client: ClusterClient, user: User) {
    this.client = client
    this.user = user
  }
}

class ResourceCheck {
  readonly authorizer: Authorizer
  readonly asked: Asked
  constructor(authorizer: Authorizer, asked: Asked) {
    this.authorizer = authorizer
    this.asked = asked
  }
}

class Decision {
  readonly allowed: boolean
  readonly reason: string
  constructor(allowed: boolean, reason: string) {
    this.allowed = allowed
    this.reason = reason
  }
}

const prefix = 'kubernetes.authorization'

/** The authorizer library of kubernetes.io/docs/reference/using-api/cel, without paths and selectors. */
export function addAuthorizer(env: Environment): Environment {
  const check = `${prefix}.ResourceCheck`
  const narrowed = (field: 'resource' | 'subresource' | 'namespace' | 'name') =>
    env.registerFunction(
      `${check}.${field}(string): ${check}`,
      ({ authorizer, asked }: ResourceCheck, value: string) =>
        new ResourceCheck(authorizer, { ...asked, [field]: value }),
    )
  env
    .registerType(`${prefix}.Authorizer`, { ctor: Authorizer, fields: {} })
    .registerType(check, { ctor: ResourceCheck, fields: {} })
    .registerType(`${prefix}.Decision`, { ctor: Decision, fields: {} })
    .registerFunction(
      `${prefix}.Authorizer.group(string): ${check}`,
      (authorizer: Authorizer, group: string) =>
        new ResourceCheck(authorizer, { group, resource: '' }),
    )
    .registerFunction(
      `${check}.check(string): ${prefix}.Decision`,
      ({ authorizer, asked }: ResourceCheck, verb: string) => {
        const attributes = { verb, version: '*', ...asked }
        const { allowed, reason } = authorize(authorizer.client, authorizer.user, attributes)
        return new Decision(allowed, reason)
      },
    )
    .registerFunction(`${prefix}.Decision.allowed(): bool`, ({ allowed }: Decision) => allowed)
    .registerFunction(`${prefix}.Decision.reason(): string`, ({ reason }: Decision) => reason)
    .registerVariable('authorizer', `${prefix}.Authorizer`)
  for (const field of ['resource', 'subresource', 'namespace', 'name'] as const) narrowed(field)
  return env
}

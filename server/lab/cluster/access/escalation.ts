import { forbidden, notFound } from '#server/lab/cluster/api/status.ts'
import type { User } from '#server/lab/cluster/api/user.ts'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { authorize, mastersGroup } from './authorize.ts'
import {
  findRole,
  type PolicyRule,
  rbacGroup,
  rbacKinds,
  roleRefOf,
  rulesOf,
} from './rbac-objects.ts'
import { matches, pathMatches, resourceMatches, rulesFor } from './rules.ts'

/** What the checks need of a write: who writes, through which client. No user: the cluster itself. */
export type Writer = { client: ClusterClient; user: User | undefined }

/**
 * Refuses a Role or ClusterRole that grants what its author does not hold.
 * @throws StatusError 403
 */
export function admitRole(role: KubeObject, old: KubeObject | undefined, writer: Writer): void {
  const { client, user } = writer
  const isCluster = role.kind === 'ClusterRole'
  const resource = isCluster ? rbacKinds.clusterroles : rbacKinds.roles
  const { name, namespace } = role.metadata
  if (!user || user.groups.includes(mastersGroup)) return
  if (old && sameJson([old.rules, old.aggregationRule], [role.rules, role.aggregationRule])) return
  if (may(client, user, 'escalate', resource.plural, namespace, name)) return
  // Whoever sets the selector decides over rules that are not written yet, so they must hold all.
  const granted = isCluster && role.aggregationRule ? everything : rulesOf(role)
  refuseMissing(writer, granted, namespace, (why) => forbidden(resource, name, why))
}

/**
 * Refuses a RoleBinding or ClusterRoleBinding to a role that its author may neither bind nor holds in full.
 * @throws StatusError 403, or 404 where the role does not exist and the author may not bind blindly
 */
export function admitBinding(
  binding: KubeObject,
  old: KubeObject | undefined,
  writer: Writer,
): void {
  const { client, user } = writer
  const resource =
    binding.kind === 'ClusterRoleBinding' ? rbacKinds.clusterrolebindings : rbacKinds.rolebindings
  const { name, namespace } = binding.metadata
  if (!user || user.groups.includes(mastersGroup)) return
  if (old && sameJson([old.roleRef, old.subjects], [binding.roleRef, binding.subjects])) return
  const ref = roleRefOf(binding)
  const target = ref.kind === 'ClusterRole' ? rbacKinds.clusterroles : rbacKinds.roles
  if (may(client, user, 'bind', target.plural, namespace, ref.name)) return
  const role = findRole(client, ref, namespace)
  if (!role) throw notFound(target, ref.name)
  refuseMissing(writer, rulesOf(role), namespace, (why) => forbidden(resource, name, why))
}

const everything: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

function may(
  client: ClusterClient,
  user: User,
  verb: string,
  resource: string,
  namespace: string | undefined,
  name: string,
): boolean {
  const asked = {
    verb,
    group: rbacGroup,
    version: 'v1',
    resource,
    name,
    ...(namespace ? { namespace } : {}),
  }
  return authorize(client, user, asked).allowed
}

function refuseMissing(
  { client, user }: Writer,
  granted: PolicyRule[],
  namespace: string | undefined,
  error: (why: string) => Error,
): void {
  if (!user) return
  const held = [...rulesFor(client, user, namespace)].flatMap((one) =>
    'rule' in one ? [one.rule] : [],
  )
  const missing = granted
    .flatMap(breakDown)
    .filter((one) => !held.some((rule) => covers(rule, one)))
  if (missing.length === 0) return
  const lines = [...new Set(compact(missing).map(compactString))].sort()
  const groups = `[${user.groups.map((one) => JSON.stringify(one)).join(' ')}]`
  throw error(
    `user "${user.username}" (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}`,
  )
}

/** One verb on one resource (or URL), for one name or for all. */
type Grant =
  | { verb: string; group: string; resource: string; name?: string }
  | { verb: string; url: string }

function breakDown(rule: PolicyRule): Grant[] {
  const grants: Grant[] = []
  for (const verb of rule.verbs ?? []) {
    for (const url of rule.nonResourceURLs ?? []) grants.push({ verb, url })
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const names = rule.resourceNames ?? []
        if (names.length === 0) grants.push({ verb, group, resource })
        for (const name of names) grants.push({ verb, group, resource, name })
      }
    }
  }
  return grants
}

function covers(rule: PolicyRule, grant: Grant): boolean {
  if (!matches(rule.verbs, grant.verb)) return false
  if ('url' in grant) return pathMatches(rule.nonResourceURLs, grant.url)
  const [resource = '', subresource] = grant.resource.split('/')
  const names = rule.resourceNames ?? []
  return (
    matches(rule.apiGroups, grant.group) &&
    resourceMatches(rule.resources, resource, subresource) &&
    (names.length === 0 || (grant.name !== undefined && names.includes(grant.name)))
  )
}

/** Grants that differ only in their verb become one rule again. */
function compact(grants: Grant[]): PolicyRule[] {
  const rules = new Map<string, PolicyRule>()
  for (const { verb, ...rest } of grants) {
    const key = JSON.stringify(rest)
    const rule = rules.get(key) ?? ruleOf(rest)
    rules.set(key, { ...rule, verbs: [...(rule.verbs ?? []), verb] })
  }
  return [...rules.values()]
}

function ruleOf(
  grant: { url: string } | { group: string; resource: string; name?: string },
): PolicyRule {
  if ('url' in grant) return { nonResourceURLs: [grant.url] }
  const { group, resource, name } = grant
  return {
    apiGroups: [group],
    resources: [resource],
    ...(name === undefined ? {} : { resourceNames: [name] }),
  }
}

/** As Go prints it: `{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}`. */
function compactString(rule: PolicyRule): string {
  const parts: [string, string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ]
  const shown = parts
    .filter(([, values]) => values && values.length > 0)
    .map(([name, values]) => `${name}:[${values?.map((one) => JSON.stringify(one)).join(' ')}]`)
  return `{${shown.join(', ')}}`
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

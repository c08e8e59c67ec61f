import type { Attributes, User } from '#server/lab/cluster/api/user.ts'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import {
  findRole,
  type PolicyRule,
  rbacGroup,
  roleRefOf,
  rulesOf,
  type Subject,
  subjectsOf,
} from './rbac-objects.ts'

/** A rule that applies to somebody, with the words that say why; or a role that a binding names in vain. */
export type AppliedRule = { rule: PolicyRule; why: string } | { missing: string }

/** All rules that apply to a user in a namespace, those of cluster role bindings first. */
export function* rulesFor(
  client: ClusterClient,
  user: User,
  namespace: string | undefined,
  clusterRoleBindings: KubeObject[] = client.list(`clusterrolebindings.${rbacGroup}`),
): Generator<AppliedRule> {
  for (const binding of clusterRoleBindings) {
    yield* rulesOfBinding(client, binding, user, undefined)
  }
  if (!namespace) return
  for (const binding of client.list(`rolebindings.${rbacGroup}`, { namespace })) {
    yield* rulesOfBinding(client, binding, user, namespace)
  }
}

/** Whether a rule covers what is asked. */
export function ruleAllows(rule: PolicyRule, asked: Attributes): boolean {
  if (!matches(rule.verbs, asked.verb)) return false
  if ('path' in asked) return pathMatches(rule.nonResourceURLs, asked.path)
  const names = rule.resourceNames ?? []
  return (
    matches(rule.apiGroups, asked.group) &&
    resourceMatches(rule.resources, asked.resource, asked.subresource) &&
    (names.length === 0 || (asked.name !== undefined && names.includes(asked.name)))
  )
}

/** Whether one of a rule's resources covers a resource or subresource (`*`, `pods`, `pods/log`, `*` + `/log`). */
export function resourceMatches(
  allowed: string[] | undefined,
  resource: string,
  subresource: string | undefined,
): boolean {
  const asked = subresource ? `${resource}/${subresource}` : resource
  return (allowed ?? []).some(
    (one) =>
      one === '*' || one === asked || (subresource !== undefined && one === `*/${subresource}`),
  )
}

/** Whether one of a rule's URLs covers a path: itself, or with a trailing `*` all that begins so. */
export function pathMatches(allowed: string[] | undefined, path: string): boolean {
  return (allowed ?? []).some(
    (one) => one === path || (one.endsWith('*') && path.startsWith(one.slice(0, -1))),
  )
}

/** Whether a list names a value or holds `*`. */
export function matches(allowed: string[] | undefined, value: string): boolean {
  return (allowed ?? []).some((one) => one === '*' || one === value)
}

function* rulesOfBinding(
  client: ClusterClient,
  binding: KubeObject,
  user: User,
  namespace: string | undefined,
): Generator<AppliedRule> {
  const subject = subjectsOf(binding).find((one) => appliesTo(one, user, namespace))
  if (!subject) return
  const ref = roleRefOf(binding)
  const role = findRole(client, ref, namespace)
  if (!role) {
    yield { missing: `${ref.kind.toLowerCase()}.${rbacGroup} "${ref.name}" not found` }
    return
  }
  const why = describe(binding, subject, namespace)
  for (const rule of rulesOf(role)) yield { rule, why }
}

function appliesTo(subject: Subject, user: User, namespace: string | undefined): boolean {
  switch (subject.kind) {
    case 'User':
      return user.username === subject.name
    case 'Group':
      return user.groups.includes(subject.name)
    case 'ServiceAccount': {
      const home = subject.namespace || namespace
      return home !== undefined && user.username === `system:serviceaccount:${home}:${subject.name}`
    }
    default:
      return false
  }
}

function describe(binding: KubeObject, subject: Subject, namespace: string | undefined): string {
  const { kind, name } = roleRefOf(binding)
  const title =
    namespace === undefined
      ? `ClusterRoleBinding "${binding.metadata.name}"`
      : `RoleBinding "${binding.metadata.name}/${namespace}"`
  const home = subject.namespace || (namespace ?? '')
  const whom = subject.kind === 'ServiceAccount' ? `${subject.name}/${home}` : subject.name
  return `${title} of ${kind} "${name}" to ${subject.kind} "${whom}"`
}

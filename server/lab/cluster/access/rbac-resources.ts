import type { Column, Resource } from '#server/lab/cluster/api/resource.ts'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import {
  type Cause,
  child,
  element,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '#server/lab/cluster/crd/causes.ts'
import { humanDuration, nameColumn } from '#server/lab/cluster/crd/printer-columns.ts'
import { admitBinding, admitRole } from './escalation.ts'
import {
  type PolicyRule,
  rbacGroup,
  roleRefOf,
  rulesOf,
  type Subject,
  subjectsOf,
} from './rbac-objects.ts'

/** Roles and bindings, of namespaces and of the cluster. */
export function rbacResources(): Resource[] {
  return [
    roleResource('roles', 'role', 'Role', true),
    roleResource('clusterroles', 'clusterrole', 'ClusterRole', false),
    bindingResource('rolebindings', 'rolebinding', 'RoleBinding', true),
    bindingResource('clusterrolebindings', 'clusterrolebinding', 'ClusterRoleBinding', false),
  ]
}

const createdAt: Column = {
  name: 'Created At',
  type: 'date',
  cell: ({ metadata }) => metadata.creationTimestamp,
}

function roleResource(
  plural: string,
  singular: string,
  kind: string,
  namespaced: boolean,
): Resource {
  return {
    ...common(plural, singular, kind, namespaced),
    admit: (role, old, context) => admitRole(role, old, context),
    validate: (role) =>
      rulesOf(role).flatMap((rule, index) => validateRule(rule, index, namespaced)),
    columns: [nameColumn, createdAt],
  }
}

function bindingResource(
  plural: string,
  singular: string,
  kind: string,
  namespaced: boolean,
): Resource {
  return {
    ...common(plural, singular, kind, namespaced),
    defaults: defaultBinding,
    admit: (binding, old, context) => admitBinding(binding, old, context),
    validate: (binding, old) => validateBinding(binding, old, namespaced),
    columns: [
      nameColumn,
      {
        name: 'Role',
        type: 'string',
        cell: (one) => `${roleRefOf(one).kind}/${roleRefOf(one).name}`,
      },
      {
        name: 'Age',
        type: 'string',
        cell: ({ metadata }) => humanDuration(Date.now() - Date.parse(metadata.creationTimestamp)),
      },
      wide('Users', 'User'),
      wide('Groups', 'Group'),
      wide('ServiceAccounts', 'ServiceAccount'),
    ],
  }
}

function common(plural: string, singular: string, kind: string, namespaced: boolean) {
  return {
    group: rbacGroup,
    version: 'v1',
    plural,
    singular,
    kind,
    namespaced,
    schema: builtinSchema(`V1${kind}`),
    validateName: pathSegmentProblem,
  }
}

/** RBAC names may hold colons and capitals, but must fit into a path. */
function pathSegmentProblem(name: string): string | undefined {
  if (name === '.' || name === '..') return `may not be '${name}'`
  const bad = ['/', '%'].find((one) => name.includes(one))
  return bad === undefined ? undefined : `may not contain '${bad}'`
}

function wide(name: string, kind: string): Column {
  const nameOf = (one: Subject) =>
    kind === 'ServiceAccount' ? `${one.namespace}/${one.name}` : one.name
  return {
    name,
    type: 'string',
    priority: 1,
    cell: (binding) =>
      subjectsOf(binding)
        .filter((one) => one.kind === kind)
        .map(nameOf)
        .join(', '),
  }
}

function validateRule(rule: PolicyRule, index: number, namespaced: boolean): Cause[] {
  const at = element('rules', index)
  if (!rule.verbs?.length) {
    return [requiredValue(child(at, 'verbs'), 'verbs must contain at least one value')]
  }
  if (rule.nonResourceURLs?.length) {
    const field = child(at, 'nonResourceURLs')
    if (namespaced) {
      const detail = 'namespaced rules cannot apply to non-resource URLs'
      return [invalidValue(field, rule.nonResourceURLs, detail)]
    }
    if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
      const detail = 'rules cannot apply to both regular resources and non-resource URLs'
      return [invalidValue(field, rule.nonResourceURLs, detail)]
    }
    return []
  }
  const causes: Cause[] = []
  if (!rule.apiGroups?.length) {
    const detail = 'resource rules must supply at least one api group'
    causes.push(requiredValue(child(at, 'apiGroups'), detail))
  }
  if (!rule.resources?.length) {
    const detail = 'resource rules must supply at least one resource'
    causes.push(requiredValue(child(at, 'resources'), detail))
  }
  return causes
}

function defaultBinding(binding: KubeObject): void {
  if (binding.roleRef && !binding.roleRef.apiGroup) binding.roleRef.apiGroup = rbacGroup
  for (const subject of subjectsOf(binding)) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup
  }
}

function validateBinding(
  binding: KubeObject,
  old: KubeObject | undefined,
  namespaced: boolean,
): Cause[] {
  const { apiGroup, kind, name } = roleRefOf(binding)
  const causes: Cause[] = []
  if (apiGroup !== rbacGroup) {
    causes.push(unsupportedValue('roleRef.apiGroup', apiGroup ?? '', [rbacGroup]))
  }
  const kinds = namespaced ? ['ClusterRole', 'Role'] : ['ClusterRole']
  if (!kinds.includes(kind)) causes.push(unsupportedValue('roleRef.kind', kind, kinds))
  if (name === '') causes.push(requiredValue('roleRef.name'))
  for (const [index, subject] of subjectsOf(binding).entries()) {
    causes.push(...validateSubject(subject, element('subjects', index), namespaced))
  }
  if (old && JSON.stringify(sorted(old)) !== JSON.stringify(sorted(binding))) {
    causes.push(invalidValue('roleRef', binding.roleRef, 'cannot change roleRef'))
  }
  return causes
}

function sorted(binding: KubeObject): [string, string, string] {
  const { apiGroup = '', kind, name } = roleRefOf(binding)
  return [apiGroup, kind, name]
}

function validateSubject(subject: Subject, path: string, namespaced: boolean): Cause[] {
  const { kind, name, namespace, apiGroup = '' } = subject
  const causes: Cause[] = []
  if (!name) causes.push(requiredValue(child(path, 'name')))
  if (kind === 'ServiceAccount') {
    if (apiGroup !== '') causes.push(unsupportedValue(child(path, 'apiGroup'), apiGroup, ['']))
    if (!namespaced && !namespace) causes.push(requiredValue(child(path, 'namespace')))
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== rbacGroup) {
      causes.push(unsupportedValue(child(path, 'apiGroup'), apiGroup, [rbacGroup]))
    }
  } else {
    const kinds = ['ServiceAccount', 'User', 'Group']
    causes.push(unsupportedValue(child(path, 'kind'), kind, kinds))
  }
  return causes
}

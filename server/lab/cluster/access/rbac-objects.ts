import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'

export type PolicyRule = {
  verbs?: string[]
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
}

export type RoleRef = { apiGroup?: string; kind: string; name: string }

export type Subject = { kind: string; name: string; namespace?: string; apiGroup?: string }

export const rbacGroup = 'rbac.authorization.k8s.io'

export const rbacKinds = {
  roles: { group: rbacGroup, plural: 'roles', kind: 'Role' },
  clusterroles: { group: rbacGroup, plural: 'clusterroles', kind: 'ClusterRole' },
  rolebindings: { group: rbacGroup, plural: 'rolebindings', kind: 'RoleBinding' },
  clusterrolebindings: {
    group: rbacGroup,
    plural: 'clusterrolebindings',
    kind: 'ClusterRoleBinding',
  },
}

/** The rules of a Role or ClusterRole. */
export function rulesOf(role: KubeObject): PolicyRule[] {
  return Array.isArray(role.rules) ? role.rules : []
}

export function roleRefOf(binding: KubeObject): RoleRef {
  return { kind: '', name: '', ...binding.roleRef }
}

export function subjectsOf(binding: KubeObject): Subject[] {
  return Array.isArray(binding.subjects) ? binding.subjects : []
}

/** The role that a binding of `namespace` (undefined: a cluster role binding) refers to. */
export function findRole(
  client: ClusterClient,
  ref: RoleRef,
  namespace: string | undefined,
): KubeObject | undefined {
  if (ref.kind === 'ClusterRole') {
    return client.find(`clusterroles.${rbacGroup}`, undefined, ref.name)
  }
  if (namespace === undefined) return undefined
  return client.find(`roles.${rbacGroup}`, namespace, ref.name)
}

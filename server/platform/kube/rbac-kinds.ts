import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import { RoleBinding } from './kinds.ts'

/** Kubernetes' permission table, with the fields that we read. */

export type ClusterRoleBinding = RoleBinding
export const ClusterRoleBinding: Kind<ClusterRoleBinding> = {
  ...RoleBinding,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
}

export type Role = KubeObject
export const Role: Kind<Role> = { ...RoleBinding, kind: 'Role', plural: 'roles' }

export type ClusterRole = KubeObject
export const ClusterRole: Kind<ClusterRole> = {
  ...RoleBinding,
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
}

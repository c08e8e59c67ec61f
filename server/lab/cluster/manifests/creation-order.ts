import type { Draft } from '#server/lab/cluster/client.ts'

/** What others refer to comes first; what is not named comes after all of these. */
const order = [
  'Namespace',
  'CustomResourceDefinition',
  'ServiceAccount',
  'ClusterRole',
  'Role',
  'ClusterRoleBinding',
  'RoleBinding',
  'PriorityClass',
  'ConfigMap',
  'Secret',
  'Service',
  'NetworkPolicy',
  'Task',
]

/** The same objects so that each finds what it refers to; equals keep their order. */
export function creationOrder(objects: Draft[]): Draft[] {
  const rank = (kind: string) => {
    const index = order.indexOf(kind)
    return index < 0 ? order.length : index
  }
  return objects.toSorted((a, b) => rank(a.kind) - rank(b.kind))
}

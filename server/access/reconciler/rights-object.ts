import { type RightsHolder, rightsName } from '#server/access/model/binding-names.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { ownLabels } from '#server/access/model/render-plan.ts'
import type { RoleBinding } from '#server/platform/kube/kinds.ts'
import {
  apiVersion,
  binderServiceAccount,
  controllerServiceAccount,
  tenantBinderRole,
} from '#server/platform/model/names.ts'

/** The RoleBinding in the tenant's namespace that exists only while the binding does. */
export function rightsOf(binding: ModelBinding, holder: RightsHolder, servingNamespace: string) {
  const { namespace = '', name, uid = '' } = binding.metadata
  const subject =
    holder === 'binder'
      ? { namespace: servingNamespace, name: binderServiceAccount }
      : controllerServiceAccount
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: {
      namespace,
      name: rightsName(binding, holder),
      labels: ownLabels(binding),
      ownerReferences: [{ apiVersion, kind: 'ModelBinding', name, uid }],
    },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: tenantBinderRole },
    subjects: [{ kind: 'ServiceAccount', ...subject }],
  } satisfies RoleBinding
}

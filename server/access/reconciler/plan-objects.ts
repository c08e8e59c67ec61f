import type { PlanTarget } from '#server/access/model/plan.ts'
import { EndpointSlice, NetworkPolicy, Service } from '#server/platform/kube/kinds.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import { binderFieldManager, labels } from '#server/platform/model/names.ts'

/** The kinds that a plan may hold; any other is refused, whatever the text says. */
export function kindOf(target: Pick<PlanTarget, 'apiVersion' | 'kind'>): Kind<KubeObject> {
  switch (`${target.apiVersion} ${target.kind}`) {
    case 'v1 Service':
      return Service as Kind<KubeObject>
    case 'discovery.k8s.io/v1 EndpointSlice':
      return EndpointSlice as Kind<KubeObject>
    case 'networking.k8s.io/v1 NetworkPolicy':
      return NetworkPolicy as Kind<KubeObject>
  }
  throw new AppError('bad-request', `A plan may not hold a ${target.kind} (${target.apiVersion}).`)
}

/**
 * Made for exactly this binding: its uid, not its name, for names come back. Whoever takes our label off by hand does not
 * make it theirs: the owner, or who applied it, still says whose it is.
 */
export function isOwn(object: KubeObject, { uid }: { uid?: string }): boolean {
  const { labels: said = {}, ownerReferences = [], managedFields = [] } = object.metadata
  const label = said[labels.bindingUid]
  if (label !== undefined) return label === uid
  return (
    ownerReferences.some((owner) => owner.uid === uid) ||
    managedFields.some(({ manager, operation }) => {
      return manager === binderFieldManager && operation === 'Apply'
    })
  )
}

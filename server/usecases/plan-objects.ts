import { AppError } from '#server/domain/errors.ts'
import type { Kind, KubeObject } from '#server/domain/kubernetes.ts'
import { labels } from '#server/domain/names.ts'
import type { BindPlan, PlanTarget, UnbindPlan } from '#server/domain/plan.ts'
import { EndpointSlice, NetworkPolicy, Service } from '#server/kube/kinds.ts'

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

/** Made for exactly this binding: its uid, not its name, for names come back. */
export function isOwn(object: KubeObject, plan: Pick<BindPlan | UnbindPlan, 'binding'>): boolean {
  return object.metadata.labels?.[labels.bindingUid] === plan.binding.uid
}

export function foreignMessage({ kind, name, namespace }: PlanTarget): string {
  return `Namespace ${namespace} already has a ${kind} ${name} that does not belong to this binding. Choose another alias, or remove it.`
}

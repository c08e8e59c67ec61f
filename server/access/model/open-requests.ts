import { isPending } from '#server/access/views/binding-view.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import type { ModelBinding } from './model-binding.ts'

/** Of one namespace and model service, where the service does not say. */
const openRequestsDefault = 10

export function openRequestsMax(service: ModelService): number {
  return service.spec.limits.openRequests ?? openRequestsDefault
}

/** The requests of this model service that nobody has decided, the oldest first. `inNamespace`: all bindings of one. */
export function openRequests(
  inNamespace: readonly ModelBinding[],
  service: ModelService,
  now: Date,
): ModelBinding[] {
  const { namespace, name } = service.metadata
  return inNamespace
    .filter(({ spec }) => {
      return spec.modelService.namespace === namespace && spec.modelService.name === name
    })
    .filter((binding) => isPending(binding, now))
    .sort((a, b) => placeOf(a).localeCompare(placeOf(b)))
}

/** Whether so many others came before it that no plan is made for it yet. One that has a plan keeps it. */
export function isCrowdedOut(
  binding: ModelBinding,
  inNamespace: readonly ModelBinding[],
  service: ModelService,
  now: Date,
): boolean {
  if (!needsPlan(binding, now)) return false
  const { uid } = binding.metadata
  const place = openRequests(inNamespace, service, now).findIndex((one) => one.metadata.uid === uid)
  return place >= openRequestsMax(service)
}

/** Pending, and not sealed: only then the others matter. */
export function needsPlan(binding: ModelBinding, now: Date): boolean {
  const { generation = 1 } = binding.metadata
  return binding.status?.seal?.generation !== generation && isPending(binding, now)
}

function placeOf({ metadata }: ModelBinding): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`
}

import type { Quota } from '#server/access/model/quota.ts'
import type { BindingState, BindingView } from '#server/access/views/binding.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'

export const quotaKeys = ['concurrency', 'requestsPerMinute', 'tokensPerDay'] as const

export type CapacityRow = {
  key: (typeof quotaKeys)[number]
  /** What all other bindings of the service are granted together. */
  others: number
  /** What this one holds now, and would hold. */
  held: number
  wished: number
  /** What the engines carry, where the service says so. */
  capacity?: number
}

const holding: BindingState[] = ['ready', 'provisioning', 'failed']

/** How the grants of a service add up if this wish is granted. */
export function capacityRows(
  bindings: readonly BindingView[],
  service: Pick<ModelServiceView, 'id' | 'limits'>,
  binding: Pick<BindingView, 'id'>,
  wish: Quota,
): CapacityRow[] {
  const granted = bindings.filter(
    (one) =>
      one.granted !== undefined &&
      holding.includes(one.state) &&
      `${one.asked.modelService.namespace}/${one.asked.modelService.name}` === service.id,
  )
  return quotaKeys.map((key) => {
    const sum = (of: BindingView[]) =>
      of.reduce((total, one) => total + (one.granted?.quota[key] ?? 0), 0)
    return {
      key,
      others: sum(granted.filter(({ id }) => id !== binding.id)),
      held: sum(granted.filter(({ id }) => id === binding.id)),
      wished: wish[key],
      capacity: service.limits.capacity?.[key],
    }
  })
}

/** Whether together they may ask more of the engines than those carry. */
export function isOverbooked({ others, wished, capacity }: CapacityRow): boolean {
  return capacity !== undefined && others + wished > capacity
}

import { isHeldUp } from '#server/access/model/end-backoff.ts'
import type { ConditionType } from '#server/access/model/model-binding.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import type { Condition } from '#server/platform/model/kubernetes.ts'

/** The condition where it is True. */
export function conditionHolds(
  { conditions }: Pick<BindingView, 'conditions'>,
  type: ConditionType,
): Condition | undefined {
  return conditions.find((one) => one.type === type && one.status === 'True')
}

export const troubles = ['drifted', 'stale', 'expiring', 'heldUp'] as const
export type Trouble = (typeof troubles)[number]

/** What somebody should look at although access may work. */
export function troublesOf(binding: BindingView): Trouble[] {
  if (isHeldUp(binding.end)) return ['heldUp']
  const inForce = binding.state !== 'ended' && binding.state !== 'ending'
  if (!inForce) return []
  const found: Trouble[] = []
  if (conditionHolds(binding, 'Drifted')) found.push('drifted')
  if (conditionHolds(binding, 'Stale')) found.push('stale')
  if (binding.term?.warning) found.push('expiring')
  return found
}

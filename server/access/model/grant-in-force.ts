import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { cutOf } from './grant-term.ts'
import type { End, Grant, ModelBinding } from './model-binding.ts'

export type Refusal = 'not-granted' | 'not-ready' | 'ended' | 'expired'

/**
 * Whether access stands at this instant; asked at every request and again while an answer streams. `probing` is the
 * last step of a bind run, which must get through before the binding is Ready because of it.
 */
export function grantInForce(
  binding: ModelBinding,
  now: Date,
  probing = false,
): { grant: Grant } | { refusal: Refusal } {
  const { status, spec, metadata } = binding
  const grant = status?.granted
  if (!grant) return { refusal: 'not-granted' }
  if (metadata.deletionTimestamp || spec.released || endsGrant(status.end, grant)) {
    return { refusal: 'ended' }
  }
  const cut = cutOf(grant)
  if (cut && now.getTime() >= cut.getTime()) return { refusal: 'expired' }
  const provisioning = conditionOf(status.conditions, 'Provisioned')?.status === 'Unknown'
  if (probing && provisioning) return { grant }
  const ready = conditionOf(status.conditions, 'Ready')?.status === 'True'
  return grant.usableSince && ready ? { grant } : { refusal: 'not-ready' }
}

/** An end is for everything asked up to its generation; a later grant is not touched by it. */
export function endsGrant(end: End | undefined, grant: Grant): boolean {
  return end !== undefined && end.generation >= grant.generation
}

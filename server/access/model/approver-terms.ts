import { AppError } from '#server/platform/model/errors.ts'
import type { ModelService, Ring } from '#server/serving/model/model-service.ts'
import { timestamp } from './conditions.ts'
import { isRequester, refuseUndecidable } from './decide.ts'
import type { ModelBinding, ModelBindingStatus, RingMove, Terms } from './model-binding.ts'
import { withinQuota } from './quota.ts'
import type { MoveRingBody, TermsBody } from './request-schema.ts'
import { activeGrant } from './requested-changes.ts'

/**
 * The status with other terms for what one generation asks. The spec is the tenant's and stays; the plan, hence the
 * seal, becomes another, which has to be reviewed and approved as any other. An offer of nothing takes them back.
 */
export function offerTerms(
  binding: ModelBinding,
  service: ModelService,
  input: TermsBody & { requestId?: string },
  by: string,
  now: Date,
): ModelBindingStatus {
  refuseUndecidable(binding, input)
  if (!service.spec.approval.allowSelfApproval && isRequester(binding, by)) {
    const text = 'You asked for this yourself: somebody else has to decide on it.'
    throw new AppError('forbidden', text, { key: 'binding.selfApproval' })
  }
  const { generation, durationDays, quota, ring, comment, requestId } = input
  const { spec } = binding
  const more =
    (durationDays !== undefined && durationDays > spec.durationDays) ||
    (quota !== undefined && !withinQuota(quota, spec.quota))
  if (more) {
    const text = 'Nobody is given more than they asked for.'
    throw new AppError('unprocessable', text, { key: 'binding.aboveAsked' })
  }
  if (ring) refuseMissingRing(service, ring)
  const none = durationDays === undefined && quota === undefined && ring === undefined
  const at = timestamp(now)
  const terms: Terms = { generation, durationDays, quota, ring, by, at, comment, requestId }
  // What was sealed is no longer what would be granted: nobody can approve it any more.
  return { ...binding.status, seal: undefined, terms: none ? undefined : terms }
}

/** The status with the wish to have the grant on another ring; the controller seals it and carries it out. */
export function askMove(
  binding: ModelBinding,
  service: ModelService,
  { ring, comment, requestId }: MoveRingBody & { requestId?: string },
  by: string,
  now: Date,
): ModelBindingStatus {
  const standing = activeGrant(binding)
  if (!standing || binding.metadata.deletionTimestamp || binding.spec.released) {
    const text = 'There is no access that could be moved.'
    throw new AppError('conflict', text, { key: 'binding.nothingToMove' })
  }
  const move: RingMove = { ring, by, at: timestamp(now), comment, requestId }
  if (standing.ring === ring) {
    // A move that was asked for and is not sealed yet can still be taken back.
    if (binding.status?.move) return { ...binding.status, move: undefined }
    const text = `This access is on the ring ${ring} already.`
    throw new AppError('conflict', text, { key: 'binding.onRing', values: { ring } })
  }
  refuseMissingRing(service, ring)
  return { ...binding.status, move }
}

function refuseMissingRing(service: ModelService, ring: Ring): void {
  const ready = service.status?.engines?.find((one) => one.ring === ring)?.readyReplicas
  // On stable one waits for an engine that starts; on a canary that is not there one would wait for nothing.
  if (service.spec.engines[ring] && (ring === 'stable' || ready !== 0)) return
  const { name } = service.metadata
  const text = `The model service ${name} has no engine on the ring ${ring}: it needs a second GPU.`
  throw new AppError('conflict', text, { key: 'binding.noRing', values: { name, ring } })
}

import { AppError } from '#server/platform/model/errors.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { annotations } from '#server/platform/model/names.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import { timestamp, withConditions } from './conditions.ts'
import { keptDecisions } from './kept-decisions.ts'
import type { Decision, ModelBinding, ModelBindingStatus, PlannedChange } from './model-binding.ts'
import { refuseAboveLimits } from './request-schema.ts'

export type DecisionInput = {
  decision: 'approve' | 'deny'
  /** Of the seal that was reviewed. */
  digest: string
  generation: number
  comment: string
  requestId?: string
}

/** The status with the decision in it, or why it cannot be taken now. */
export function decide(
  binding: ModelBinding,
  service: ModelService,
  input: DecisionInput,
  by: string,
  now: Date,
): ModelBindingStatus {
  refuseUndecidable(binding, input)
  const status = binding.status ?? {}
  const taken = status.decisions ?? []
  const mine = taken.find((one) => isVerdict(one) && sameSeal(one, input) && one.by === by)
  if (mine) {
    throw new AppError('conflict', 'You have already decided on this request.', {
      key: 'binding.decidedByYou',
    })
  }
  const approvers = approversOf(binding)
  if (approvers.length >= approvalsNeeded(binding, service)) {
    throw decided(approvers.at(-1) ?? '', 'approved')
  }
  if (input.decision === 'approve') refuseApproval(binding, service, by)

  const decision: Decision = { ...input, by, at: timestamp(now) }
  const decisions = keptDecisions([...taken, decision], status.granted)
  if (input.decision === 'approve') return { ...status, decisions }
  const message = input.comment ? `Denied by ${by}: ${input.comment}` : `Denied by ${by}.`
  return {
    ...status,
    decisions,
    conditions: withConditions(
      status.conditions,
      [
        { type: 'Denied', status: 'True', reason: 'Denied', message },
        ...(isReadyByGrant(status)
          ? []
          : [{ type: 'Ready' as const, status: 'False' as const, reason: 'Denied', message }]),
      ],
      input.generation,
      now,
    ),
  }
}

/** What was granted before goes on although a change of it was denied. */
function isReadyByGrant({ conditions, granted }: ModelBindingStatus): boolean {
  const ready = conditionOf(conditions, 'Ready')
  return granted !== undefined && ready?.reason !== 'AwaitingApproval'
}

/** The people who approved exactly this plan; each counts once. */
export function approversOf(binding: ModelBinding): string[] {
  const seal = binding.status?.seal
  if (!seal) return []
  const approvals = (binding.status?.decisions ?? []).filter(
    (one) => one.decision === 'approve' && sameSeal(one, seal),
  )
  return [...new Set(approvals.map((one) => one.by))]
}

export function isDenied(binding: ModelBinding): boolean {
  const { generation } = binding.metadata
  return (binding.status?.decisions ?? []).some(
    (one) => one.decision === 'deny' && one.generation === generation,
  )
}

/** Waits for people: sealed in its present form, and neither granted, denied nor ended. */
export function isDecidable(binding: ModelBinding): boolean {
  const { metadata, spec, status } = binding
  const { generation = 1 } = metadata
  return (
    status?.seal?.generation === generation &&
    status.granted?.generation !== generation &&
    !isDenied(binding) &&
    !metadata.deletionTimestamp &&
    !spec.released &&
    !(status.end && (!status.end.provenAt || status.end.generation >= generation))
  )
}

/** Whether this person asked for it, or signed it for somebody, as the web or the admission policy has it. */
export function isRequester(binding: ModelBinding, user: string): boolean {
  const signer = binding.metadata.annotations?.[annotations.signedBy]
  return requesterOf(binding) === user || signer === user
}

/** Whom the request is signed by; undefined where nobody held its author to do so (see manifests/policies). */
export function requesterOf(binding: ModelBinding): string | undefined {
  return binding.metadata.annotations?.[annotations.requestedBy] || undefined
}

/** Of a request that nobody signed, one of its approvers may be who asked: so it takes one more. */
export function approvalsNeeded(binding: ModelBinding, { spec }: ModelService): number {
  const { required, allowSelfApproval } = spec.approval
  return requesterOf(binding) || allowSelfApproval ? required : required + 1
}

/** Why nothing can be decided about that generation now; `digest` where a plan was reviewed. */
export function refuseUndecidable(
  binding: ModelBinding,
  input: { generation: number; digest?: string },
): void {
  const { metadata, status } = binding
  const { generation = 1 } = metadata
  const last = status?.decisions?.findLast((one) => isVerdict(one) && one.generation === generation)
  if (input.generation !== generation) {
    throw stale('The request was changed after you reviewed it. Review it again.', 'changed')
  }
  if (isDecidable(binding)) {
    if (input.digest !== undefined && status?.seal?.digest !== input.digest) {
      throw stale('The plan has changed since you reviewed it. Review it again.', 'resealed')
    }
    return
  }
  if (last && (isDenied(binding) || status?.granted?.generation === generation)) {
    throw decided(last.by, isDenied(binding) ? 'denied' : 'approved')
  }
  if (!status?.seal || status.seal.generation !== generation) {
    throw stale('The plan is not ready yet. Retry in a moment.', 'preparing')
  }
  throw new AppError(
    'conflict',
    'There is nothing to decide: this access is ending or has ended.',
    {
      key: 'binding.nothingToDecide',
    },
  )
}

function refuseApproval(binding: ModelBinding, service: ModelService, by: string): void {
  if (!service.spec.approval.allowSelfApproval && isRequester(binding, by)) {
    throw new AppError(
      'forbidden',
      'You asked for this yourself: somebody else has to approve it.',
      {
        key: 'binding.selfApproval',
      },
    )
  }
  // Its limits may have become smaller since it was asked; nothing would come of the approval.
  refuseAboveLimits(binding.spec, service)
  const conflict = binding.status?.seal?.changes.find((change) => change.change === 'conflict')
  if (conflict) throw planConflict(conflict)
}

/** Why a plan cannot be approved that something of somebody else's is in the way of. */
export function planConflict({ kind, name, namespace, message }: PlannedChange): AppError {
  const text = message ?? `${kind} ${name} in namespace ${namespace} belongs to somebody else.`
  const values = { kind, name, namespace }
  return new AppError('conflict', text, { key: 'binding.planConflict', values })
}

function isVerdict({ decision }: Decision): boolean {
  return decision === 'approve' || decision === 'deny'
}

function sameSeal(
  decision: Pick<Decision, 'digest' | 'generation'>,
  seal: Pick<Decision, 'digest' | 'generation'>,
): boolean {
  return decision.digest === seal.digest && decision.generation === seal.generation
}

function decided(by: string, what: 'approved' | 'denied'): AppError {
  return new AppError('conflict', `This request was already ${what} by ${by}.`, {
    key: 'binding.decided',
    values: { by, what },
  })
}

function stale(message: string, key: string): AppError {
  return new AppError('conflict', message, { key: `binding.${key}` })
}

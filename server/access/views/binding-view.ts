import { idOf } from '#server/access/model/binding-names.ts'
import {
  approvalsNeeded,
  approversOf,
  isDecidable,
  isDenied,
  isRequester,
  requesterOf,
} from '#server/access/model/decide.ts'
import { awaitsAttempt } from '#server/access/model/end-backoff.ts'
import { endsGrant, grantInForce } from '#server/access/model/grant-in-force.ts'
import { termOf, warningAt } from '#server/access/model/grant-term.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { aliasAddress } from '#server/access/model/render-plan.ts'
import { activeGrant, changesOf, requestAgainst } from '#server/access/model/requested-changes.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import type { BindingAction, BindingState, BindingView } from './binding.ts'
import { timelineOf } from './binding-timeline.ts'

/** Who looks at it, and what RBAC lets them do with ModelBindings in its namespace. */
export type BindingViewer = {
  user: string
  may: Record<'approve' | 'revoke' | 'update' | 'delete' | 'use', boolean>
}

/** The service is undefined where it is gone, or not yet known: its port then shows as the usual 8080. */
export function bindingView(
  binding: ModelBinding,
  service: ModelService | undefined,
  viewer: BindingViewer,
  now: Date,
): BindingView {
  const { metadata, spec, status = {} } = binding
  const { released: _released, ...asked } = spec
  const alias = status.granted?.alias ?? spec.alias
  const { generation = 1 } = metadata
  const standing = activeGrant(binding)
  const term = standing && termOf(standing)
  return {
    id: idOf(binding),
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    generation: metadata.generation ?? 1,
    resourceVersion: metadata.resourceVersion ?? '',
    createdAt: metadata.creationTimestamp ?? '',
    requestedBy: requesterOf(binding),
    state: bindingState(binding, now),
    pending: isPending(binding, now),
    asked,
    granted: status.granted,
    changes: standing && standing.generation !== generation ? changesOf(standing, spec) : [],
    reduction: standing !== undefined && wishOf(binding, now) === 'less',
    approval: approvalOf(binding, service, now),
    terms: status.terms?.generation === generation ? status.terms : undefined,
    move: status.move,
    lastDenial: lastDenialOf(binding),
    term: term && { ...term, warning: warningAt(term, now) },
    history: status.history ?? [],
    seal: status.seal?.generation === metadata.generation ? status.seal : undefined,
    decisions: status.decisions ?? [],
    receipt: status.receipt,
    drift: status.drift,
    end: status.end,
    run: status.run ? { namespace: spec.modelService.namespace, name: status.run } : undefined,
    address: aliasAddress(alias, service?.spec.service.port ?? 8080),
    conditions: status.conditions ?? [],
    timeline: timelineOf(binding),
    can: bindingActions(binding, service, viewer, now),
  }
}

export function bindingState(binding: ModelBinding, now: Date): BindingState {
  const { metadata, spec, status = {} } = binding
  const { generation = 1 } = metadata
  const { end, granted, seal, conditions } = status
  if (end && !end.provenAt) return 'ending'
  if (end && end.generation >= generation) return metadata.deletionTimestamp ? 'ending' : 'ended'
  if (metadata.deletionTimestamp || spec.released) return 'ending'
  if (conditionOf(conditions, 'Ready')?.reason === 'NamespaceTerminating') return 'ending'
  const stands = granted !== undefined && !endsGrant(end, granted)
  const provisioned = stands ? conditionOf(conditions, 'Provisioned')?.status : undefined
  if (provisioned === 'False') return 'failed'
  if (provisioned === 'Unknown') return 'provisioning'
  const force = grantInForce(binding, now)
  if ('grant' in force) return 'ready'
  // It was set up, and what it leads to is gone.
  if (provisioned === 'True' && force.refusal === 'not-ready') return 'failed'
  if (force.refusal === 'expired') return 'ending'
  if (isDenied(binding)) return 'denied'
  return seal?.generation === generation ? 'requested' : 'preparing'
}

/** True while the spec asks for something that people have to decide, and nobody has. */
export function isPending(binding: ModelBinding, now: Date): boolean {
  const { metadata, spec, status } = binding
  const { generation = 1 } = metadata
  if (metadata.deletionTimestamp || spec.released || isDenied(binding)) return false
  if (status?.end && (!status.end.provenAt || status.end.generation >= generation)) return false
  return wishOf(binding, now) === 'request'
}

/** What the spec asks beyond what stands; `nothing` once its generation is granted. */
function wishOf(binding: ModelBinding, now: Date): 'nothing' | 'less' | 'request' {
  const { metadata, spec, status } = binding
  if (status?.granted?.generation === (metadata.generation ?? 1)) return 'nothing'
  const standing = activeGrant(binding)
  return standing ? requestAgainst(standing, spec, now) : 'request'
}

function approvalOf(
  binding: ModelBinding,
  service: ModelService | undefined,
  now: Date,
): BindingView['approval'] {
  if (!service || !isPending(binding, now)) return undefined
  const { seal, decisions = [] } = binding.status ?? {}
  const approvers = seal?.generation === binding.metadata.generation ? approversOf(binding) : []
  const given = approvers.map((by) => {
    const one = decisions.findLast((decision) => decision.by === by)
    return { by, at: one?.at ?? '', comment: one?.comment ?? '' }
  })
  const required = approvalsNeeded(binding, service)
  const signed = requesterOf(binding) !== undefined
  return { required, signed, given, missing: Math.max(0, required - given.length) }
}

function lastDenialOf({ status }: ModelBinding): BindingView['lastDenial'] {
  const denial = status?.decisions?.findLast((one) => one.decision === 'deny')
  const since = status?.granted?.generation ?? 0
  return denial && denial.generation > since ? denial : undefined
}

/** What the person may do with it now: rights and state together. Greys out buttons; the server decides again. */
export function bindingActions(
  binding: ModelBinding,
  service: ModelService | undefined,
  { user, may }: BindingViewer,
  now: Date,
): BindingAction[] {
  const { status = {}, spec, metadata } = binding
  const ended = status.end !== undefined && status.end.generation >= (metadata.generation ?? 1)
  const going = metadata.deletionTimestamp !== undefined
  const stands = status.granted !== undefined && !endsGrant(status.end, status.granted)
  const failed = stands && conditionOf(status.conditions, 'Provisioned')?.status === 'False'
  const own = isRequester(binding, user) && !service?.spec.approval.allowSelfApproval
  const undecided = activeGrant(binding) !== undefined && wishOf(binding, now) !== 'nothing'
  const can: [BindingAction, boolean][] = [
    ['decide', may.approve && isDecidable(binding) && !own],
    ['adjust', may.approve && isDecidable(binding) && !own],
    ['withdraw', may.update && undecided && !going && !spec.released],
    ['move', may.approve && stands && !going && !ended && !spec.released],
    ['change', may.update && !going && !spec.released && !(status.end && !status.end.provenAt)],
    ['release', may.update && stands && !going && !spec.released],
    ['revoke', may.revoke && stands && !going && !ended],
    [
      'retry',
      may.approve && ((failed && !going && !spec.released) || awaitsAttempt(status.end, now)),
    ],
    ['use', may.use && 'grant' in grantInForce(binding, now)],
    ['delete', may.delete && !going],
  ]
  return can.filter(([, allowed]) => allowed).map(([action]) => action)
}

import { idOf } from './binding-names.ts'
import { timelineOf } from './binding-timeline.ts'
import { isDecidable, isDenied, isRequester } from './decide.ts'
import { endsGrant, grantInForce } from './grant-in-force.ts'
import { conditionOf } from './kubernetes.ts'
import type { ModelBinding } from './model-binding.ts'
import type { ModelService } from './model-service.ts'
import { annotations } from './names.ts'
import { aliasAddress } from './render-plan.ts'
import type { BindingAction, BindingState, BindingView } from './views.ts'

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
  return {
    id: idOf(binding),
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    generation: metadata.generation ?? 1,
    resourceVersion: metadata.resourceVersion ?? '',
    createdAt: metadata.creationTimestamp ?? '',
    requestedBy: metadata.annotations?.[annotations.requestedBy],
    state: bindingState(binding, now),
    pending: isPending(binding),
    asked,
    granted: status.granted,
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
  const stands = granted !== undefined && !endsGrant(end, granted)
  const provisioned = stands ? conditionOf(conditions, 'Provisioned')?.status : undefined
  if (provisioned === 'False') return 'failed'
  if (provisioned === 'Unknown') return 'provisioning'
  const force = grantInForce(binding, now)
  if ('grant' in force) return 'ready'
  if ('refusal' in force && force.refusal === 'expired') return 'ending'
  if (isDenied(binding)) return 'denied'
  return seal?.generation === generation ? 'requested' : 'preparing'
}

/** True while the spec asks for something that nobody has decided. */
export function isPending(binding: ModelBinding): boolean {
  const { metadata, spec, status } = binding
  const { generation = 1 } = metadata
  if (metadata.deletionTimestamp || spec.released || isDenied(binding)) return false
  if (status?.end && (!status.end.provenAt || status.end.generation >= generation)) return false
  return status?.granted?.generation !== generation
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
  const can: [BindingAction, boolean][] = [
    ['decide', may.approve && isDecidable(binding) && !own],
    ['change', may.update && !going && !spec.released && !(status.end && !status.end.provenAt)],
    ['release', may.update && stands && !going && !spec.released],
    ['revoke', may.revoke && stands && !going && !ended],
    ['retry', may.approve && failed && !going && !spec.released],
    ['use', may.use && 'grant' in grantInForce(binding, now)],
    ['delete', may.delete && !going],
  ]
  return can.filter(([, allowed]) => allowed).map(([action]) => action)
}

import { specRequestId } from '#server/access/model/binding-request-id.ts'
import { controllerActor, endMessage } from '#server/access/model/end-message.ts'
import type {
  Decision,
  EndReason,
  ModelBinding,
  PlannedChange,
} from '#server/access/model/model-binding.ts'
import { activeGrant, changesOf } from '#server/access/model/requested-changes.ts'
import { annotations, autoApprover, labels } from '#server/platform/model/names.ts'
import { parseRequestId } from '#server/platform/model/request-id.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import type { RunState } from '#server/runs/views/run.ts'
import { bindingOf, runState } from '#server/runs/views/run-view.ts'
import { type AuditEvent, type AuditWhat, unknownActor } from './audit-record.ts'

/**
 * All that a binding's present state proves to have happened. Level-triggered: whoever looks, and however often, comes
 * to the same keys, so that what one process could not write another writes at its next look. What has no time in the
 * object has that of the look.
 */
export function bindingEvents(binding: ModelBinding, now: Date): AuditEvent[] {
  const { metadata, spec, status = {} } = binding
  const { uid, name, namespace = '', generation = 1 } = metadata
  if (!uid) return []
  const { seal, decisions = [], granted, history = [], receipt, end } = status
  const on = { kind: 'ModelBinding', namespace, name, uid }
  const event = (
    id: string,
    what: AuditWhat,
    rest: Pick<AuditEvent, 'at' | 'who'> & Partial<AuditEvent>,
  ): AuditEvent => ({
    key: `binding/${uid}/${id}`,
    what,
    on,
    binding: { namespace, name },
    ...rest,
  })
  const asker = metadata.annotations?.[annotations.requestedBy] ?? unknownActor
  const signedBy = metadata.annotations?.[annotations.signedBy]
  const events: AuditEvent[] = []

  if (!spec.released && !metadata.deletionTimestamp) {
    events.push(
      event(`asked/${generation}`, askedWhat(binding), {
        at: generation === 1 ? (metadata.creationTimestamp ?? '') : now.toISOString(),
        who: asker,
        requestId: specRequestId(metadata),
        why: spec.justification,
        details: {
          generation,
          service: `${spec.modelService.namespace}/${spec.modelService.name}`,
          alias: spec.alias,
          strategy: spec.strategy,
          purpose: spec.purpose,
          durationDays: spec.durationDays,
          ...spec.quota,
          ...(signedBy ? { signedBy } : {}),
        },
      }),
    )
  }
  if (seal) {
    const { digest, run, changes, previewedAt: at } = seal
    const who = controllerActor
    const details = {
      generation: seal.generation,
      run,
      changes: changeTexts(changes),
    }
    const id = `sealed/${seal.generation}/${digest}`
    events.push(event(id, 'sealed', { at, who, digest, details }))
  }
  for (const one of decisions) events.push(decided(one, event))
  for (const one of [...history, ...(granted ? [granted] : [])]) {
    const { approvedAt: at, digest, ring, durationDays, quota, approvedBy } = one
    const details = {
      generation: one.generation,
      ring,
      durationDays,
      ...quota,
      approvers: approvedBy,
    }
    const who = approvedBy.at(-1) ?? unknownActor
    events.push(event(`granted/${one.generation}/${at}`, 'granted', { at, who, digest, details }))
  }
  if (receipt && granted?.usableSince) {
    const { at, run, address, model, firstTokenMs } = receipt
    const details = {
      run,
      address,
      model,
      firstTokenMs,
      ...(granted.expiresAt ? { expiresAt: granted.expiresAt } : {}),
    }
    events.push(event(`usable/${run}/${at}`, 'usable', { at, who: controllerActor, details }))
  }
  const { terms, move, retry, drift } = status
  if (terms) {
    const { generation: of, durationDays, quota, ring, requestId } = terms
    const { by: who, at, comment: why } = terms
    const details = {
      generation: of,
      ...(durationDays === undefined ? {} : { durationDays }),
      ...(ring === undefined ? {} : { ring }),
      ...quota,
    }
    const said = { at, who, why, requestId, details }
    events.push(event(`terms/${of}/${at}`, 'terms-offered', said))
  }
  if (move) {
    const { by: who, at, comment: why, ring, requestId } = move
    const said = { at, who, why, requestId, details: { ring } }
    events.push(event(`move/${at}`, 'ring-move-asked', said))
  }
  if (retry) {
    const { by: who, at, run, requestId } = retry
    const said = { at, who, requestId, details: { run } }
    events.push(event(`retry/${run}/${at}`, 'retry-asked', said))
  }
  if (drift) {
    const { since, repairedAt, run, repairs } = drift
    const details = { ...(run ? { run } : {}), repairs }
    const changes = { changes: changeTexts(drift.changes) }
    const who = unknownActor
    events.push(event(`drifted/${since}`, 'drifted', { at: since, who, details: changes }))
    if (repairedAt) {
      const by = { at: repairedAt, who: controllerActor, details }
      events.push(event(`repaired/${repairedAt}`, 'repaired', by))
    }
  }
  if (end) {
    const details = { generation: end.generation, ...(end.run ? { run: end.run } : {}) }
    const id = `${end.generation}/${end.at}`
    const { at, by: who, reason, requestId } = end
    if (reason !== 'Deleted') {
      events.push(
        event(`end/${id}`, endWhats[reason], { at, who, why: endMessage(end), requestId, details }),
      )
    }
    if (end.provenAt) {
      events.push(
        event(`ended/${id}`, 'ended', {
          at: end.provenAt,
          who: controllerActor,
          why: endMessage(end),
          details,
        }),
      )
    }
  }
  const deleting = end?.reason === 'Deleted' ? end : undefined
  if (deleting || metadata.deletionTimestamp) {
    const who = deleting && deleting.by !== controllerActor ? deleting.by : unknownActor
    const at = deleting?.at ?? metadata.deletionTimestamp ?? ''
    events.push(deleteAsked(binding, { who, at, requestId: deleting?.requestId }))
  }
  return events
}

function changeTexts(changes: PlannedChange[]): string[] {
  return changes.map((one) => `${one.change} ${one.kind} ${one.namespace}/${one.name}`)
}

/** Who asked for it stands nowhere in the object: the web says it, where it was the web that was asked. */
export function deleteAsked(
  binding: ModelBinding,
  asked: Pick<AuditEvent, 'who' | 'at' | 'requestId'>,
): AuditEvent {
  const { uid = '', name, namespace = '' } = binding.metadata
  return {
    ...asked,
    key: `binding/${uid}/delete-asked`,
    what: 'delete-asked',
    on: { kind: 'ModelBinding', namespace, name, uid },
    binding: { namespace, name },
  }
}

/** Seen as it vanished, at the instant of seeing. */
export function bindingGone(
  on: { namespace: string; name: string; uid: string },
  now: Date,
): AuditEvent {
  const { namespace, name, uid } = on
  return {
    key: `binding/${uid}/deleted`,
    at: now.toISOString(),
    what: 'deleted',
    who: controllerActor,
    on: { kind: 'ModelBinding', namespace, name, uid },
    binding: { namespace, name },
  }
}

const endWhats: Record<Exclude<EndReason, 'Deleted'>, AuditWhat> = {
  Revoked: 'revoked',
  Released: 'released',
  Expired: 'expired',
  ServiceDeleted: 'service-deleted',
}

const outcomes: Partial<Record<RunState, AuditWhat>> = {
  succeeded: 'run-succeeded',
  failed: 'run-failed',
  cancelled: 'run-cancelled',
  'timed-out': 'run-timed-out',
}

/** All that a run's present state proves: that it was let go, by whom it was cancelled, and what came of it. */
export function runEvents(run: TaskRun): AuditEvent[] {
  const { metadata, spec, status } = run
  const { uid, creationTimestamp = '' } = metadata
  // Sealed, it is part of a request, which has its own records.
  if (!uid || spec.status === 'TaskRunPending') return []
  const intent = metadata.labels?.[labels.intent]
  const said = metadata.annotations ?? {}
  const events = [
    runEvent(run, 'started', intent ? 'run-released' : 'run-started', {
      at: status?.startTime ?? creationTimestamp,
      who: intent ? controllerActor : (said[annotations.startedBy] ?? unknownActor),
      why: said[annotations.reason],
      details: { task: spec.taskRef?.name ?? '', ...(intent ? { intent } : {}) },
    }),
  ]
  if (spec.status === 'TaskRunCancelled') {
    const byHand = spec.statusMessage?.startsWith('Cancelled by ') ?? true
    const who = byHand ? unknownActor : controllerActor
    const why = spec.statusMessage ?? ''
    events.push(cancelAsked(run, { who, why, at: status?.completionTime }))
  }
  const outcome = outcomes[runState(run)]
  if (outcome) {
    const condition = status?.conditions?.find((one) => one.type === 'Succeeded')
    const at = status?.completionTime ?? condition?.lastTransitionTime ?? creationTimestamp
    const details = { task: spec.taskRef?.name ?? '', reason: condition?.reason ?? '' }
    const why = outcome === 'run-succeeded' ? undefined : condition?.message
    events.push(runEvent(run, 'outcome', outcome, { at, who: controllerActor, why, details }))
  }
  return events
}

type RunAsked = Pick<AuditEvent, 'who' | 'why' | 'requestId' | 'source'> & { at?: string }

/** Not by the request that the run was made for: `requestId` is that of the one that asks for this. */
export function cancelAsked(run: TaskRun, { at, requestId, ...asked }: RunAsked): AuditEvent {
  const when = at ?? run.status?.startTime ?? run.metadata.creationTimestamp ?? ''
  return runEvent(run, 'cancel-asked', 'run-cancel-asked', { ...asked, at: when, requestId })
}

export function runDeleted(run: TaskRun, { requestId, ...asked }: RunAsked & { at: string }) {
  return runEvent(run, 'deleted', 'run-deleted', { ...asked, requestId })
}

function runEvent(
  run: TaskRun,
  id: string,
  what: AuditWhat,
  rest: Pick<AuditEvent, 'at' | 'who'> & Partial<AuditEvent>,
): AuditEvent {
  const { uid = '', name, namespace = '' } = run.metadata
  const digest = run.metadata.annotations?.[annotations.planDigest]
  const on = { kind: 'TaskRun', namespace, name, uid }
  const requestId = parseRequestId(run.metadata.annotations?.[annotations.requestId])
  return { key: `run/${uid}/${id}`, what, on, binding: bindingOf(run), digest, requestId, ...rest }
}

const decisionWhats: Record<Decision['decision'], AuditWhat> = {
  approve: 'approved',
  deny: 'denied',
  reduce: 'reduced',
  move: 'ring-moved',
}

/** A spec that says again what is granted is a change that was taken back. */
function askedWhat(binding: ModelBinding): AuditWhat {
  const { metadata, spec } = binding
  if (metadata.generation === 1) return 'requested'
  const standing = activeGrant(binding)
  if (!standing || standing.generation === metadata.generation) return 'changed'
  return changesOf(standing, spec).length === 0 ? 'withdrawn' : 'changed'
}

function decided(
  one: Decision,
  event: (
    id: string,
    what: AuditWhat,
    rest: Pick<AuditEvent, 'at' | 'who'> & Partial<AuditEvent>,
  ) => AuditEvent,
): AuditEvent {
  const { generation, by: who, at, digest, comment: why, requestId } = one
  const details = { generation, automatic: who === autoApprover }
  return event(`decided/${generation}/${who}/${at}`, decisionWhats[one.decision], {
    at,
    who,
    digest,
    why,
    requestId,
    details,
  })
}

import { isDecidable } from '#server/access/model/decide.ts'
import { isHeldUp } from '#server/access/model/end-backoff.ts'
import { endsGrant } from '#server/access/model/grant-in-force.ts'
import { termOf } from '#server/access/model/grant-term.ts'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import { annotations } from '#server/platform/model/names.ts'
import type { NoticeKind } from './webhook.ts'

/** One thing that people who do not look at the page should hear of. */
export type Notice = {
  /** The same for the same thing at every look: each place is told once. */
  key: string
  kind: NoticeKind
  at: string
  namespace: string
  name: string
  uid: string
  service: string
  who?: string
  why?: string
  /** Of `expiring`. */
  expiresAt?: string
  leftPercent?: number
  run?: string
}

/** What a binding's present state gives reason to tell. Level-triggered, like everything else. */
export function noticesOf(binding: ModelBinding, now: Date): Notice[] {
  const { metadata, spec, status = {} } = binding
  const { uid, name, namespace = '', generation = 1 } = metadata
  if (!uid) return []
  const { seal, decisions = [], granted, end, drift, conditions, run } = status
  const about = { namespace, name, uid, service: spec.modelService.name }
  const notices: Notice[] = []
  const tell = (id: string, kind: NoticeKind, at: string, rest: Partial<Notice> = {}) =>
    notices.push({ key: `${uid}/${id}`, kind, at, ...about, ...rest })

  if (seal && isDecidable(binding)) {
    const who = metadata.annotations?.[annotations.requestedBy]
    const why = spec.justification
    tell(`waiting/${generation}`, 'request-waiting', seal.since ?? seal.previewedAt, { who, why })
  }
  for (const one of decisions) {
    if (one.decision !== 'approve' && one.decision !== 'deny') continue
    const kind = one.decision === 'approve' ? 'approved' : 'denied'
    const { by: who, at, comment: why } = one
    tell(`decided/${one.generation}/${who}/${at}`, kind, at, { who, why })
  }
  const term = standingTerm(binding)
  const due = term?.warnings.findLast(({ at }) => now.getTime() >= Date.parse(at))
  // Once it is over, there is nothing to warn of.
  if (term && due && now.getTime() < Date.parse(term.expiresAt)) {
    const { expiresAt } = term
    const { leftPercent, at } = due
    tell(`expiring/${expiresAt}/${leftPercent}`, 'expiring', at, { expiresAt, leftPercent })
  }
  if (end && isHeldUp(end)) {
    const { at = end.at, message: why } = end.failure ?? {}
    tell(`held-up/${end.at}`, 'run-failed', at, { why, run: end.run })
  }
  if (end?.reason === 'Expired') tell(`expired/${end.at}`, 'expired', end.at)
  if (drift && conditionOf(conditions, 'Drifted')?.status === 'True') {
    const why = conditionOf(conditions, 'Drifted')?.message
    tell(`drifted/${drift.since}`, 'drifted', drift.since, { why })
  }
  const provisioned = conditionOf(conditions, 'Provisioned')
  const stands = granted !== undefined && !endsGrant(end, granted)
  if (stands && provisioned?.status === 'False') {
    const { lastTransitionTime: at, message: why } = provisioned
    tell(`failed/${run}/${at}`, 'run-failed', at, { why, run })
  }
  return notices
}

/** When time alone will bring the next. */
export function nextNoticeAt(binding: ModelBinding, now: Date): Date | undefined {
  const next = standingTerm(binding)?.warnings.find(({ at }) => now.getTime() < Date.parse(at))
  return next && new Date(next.at)
}

function standingTerm({ status }: ModelBinding) {
  const { granted, end } = status ?? {}
  return granted && !endsGrant(end, granted) ? termOf(granted) : undefined
}

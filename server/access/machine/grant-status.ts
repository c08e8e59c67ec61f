import { timestamp } from '#server/access/model/conditions.ts'
import { endsGrant } from '#server/access/model/grant-in-force.ts'
import type {
  Grant,
  ModelBinding,
  ModelBindingStatus,
  PastGrant,
} from '#server/access/model/model-binding.ts'
import type { BindPlan } from '#server/access/model/plan.ts'
import { activeGrant, shortenedEnd } from '#server/access/model/requested-changes.ts'
import type { Ring } from '#server/serving/model/model-service.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
const pastMax = 10
const aliasesMax = 10

/** The grant that enough people have approved: what the sealed plan says, and nothing that the spec says besides. */
export function grantOf(
  binding: ModelBinding,
  plan: BindPlan['grant'],
  approvedBy: string[],
  now: Date,
): Grant {
  const { spec, status, metadata } = binding
  const before = activeGrant(binding)
  const { strategy, alias, durationDays, quota, ring, graceHours } = plan
  const { justification, purpose, renewal } = spec
  const previous = (before ? [before, ...(before.previous ?? [])] : [])
    .filter((one) => one.alias !== alias || one.strategy !== strategy)
    .map((one) => ({ strategy: one.strategy, alias: one.alias }))
    .slice(0, aliasesMax)
  return {
    generation: metadata.generation ?? 1,
    strategy,
    alias,
    durationDays,
    quota,
    ring,
    ringUntilProven: before && callersRing(before) !== ring ? callersRing(before) : undefined,
    justification,
    purpose,
    renewal,
    digest: status?.seal?.digest ?? '',
    approvedBy,
    approvedAt: timestamp(now),
    previous: previous.length > 0 ? previous : undefined,
    // A renewal keeps its old term until the run has made the new one true.
    usableSince: before?.usableSince,
    termSince: before?.termSince,
    newTerm: true,
    expiresAt: before?.expiresAt,
    cutAt: before?.cutAt,
    graceHours,
  }
}

/** Once its run has succeeded: earlier aliases are gone, the ring is proven, and a new term begins if this is one. */
export function usable(granted: Grant | undefined, now: Date): Grant | undefined {
  if (!granted) return undefined
  const { previous: _removed, ringUntilProven: _proven, newTerm, ...kept } = granted
  const since = granted.usableSince ?? timestamp(now)
  if (!newTerm && granted.expiresAt) return { ...kept, usableSince: since }
  const end = new Date(now.getTime() + granted.durationDays * dayMs)
  return { ...kept, usableSince: since, termSince: timestamp(now), ...endsAt(granted, end) }
}

/** What is granted, made to follow a spec that asks for less. Nothing is applied: the reviewed plan stays the one. */
export function reduced(granted: Grant, { spec, metadata }: ModelBinding): Grant {
  const { durationDays, quota, justification, purpose } = spec
  const end = shortenedEnd(granted, durationDays)
  return {
    ...granted,
    generation: metadata.generation ?? 1,
    durationDays,
    quota,
    justification,
    purpose,
    ...(end ? endsAt(granted, end) : {}),
  }
}

/** On another ring once the run has proven it; callers stay where they are until then. */
export function moved(granted: Grant, ring: Ring, digest: string): Grant {
  const from = callersRing(granted)
  return { ...granted, ring, digest, ringUntilProven: from === ring ? undefined : from }
}

/** The ring that answers calls now; the probe of a run already asks the granted one. */
export function callersRing(granted: Grant): Ring {
  return granted.ringUntilProven ?? granted.ring
}

/** The history with the present grant in it, which is about to be replaced. */
export function withPast(status: ModelBindingStatus, now: Date): PastGrant[] | undefined {
  const { granted, end, history = [] } = status
  if (!granted) return status.history
  const { generation, strategy, alias, durationDays, quota, ring, digest } = granted
  const { approvedBy, approvedAt, usableSince, expiresAt } = granted
  const ended = end && endsGrant(end, granted) ? end : undefined
  const past: PastGrant = {
    ...{ generation, strategy, alias, durationDays, quota, ring, digest },
    ...{ approvedBy, approvedAt, usableSince, expiresAt },
    until: ended?.at ?? timestamp(now),
    why: ended?.reason ?? 'Replaced',
    by: ended?.by,
    comment: ended?.comment,
    provenAt: ended?.provenAt,
  }
  return [...history, past].slice(-pastMax)
}

function endsAt(granted: Grant, end: Date): Pick<Grant, 'expiresAt' | 'cutAt'> {
  const { graceHours } = granted
  const cut = graceHours ? new Date(end.getTime() + graceHours * hourMs) : undefined
  return { expiresAt: timestamp(end), cutAt: cut && timestamp(cut) }
}

import { endsGrant } from './grant-in-force.ts'
import type { Grant, ModelBinding, ModelBindingSpec } from './model-binding.ts'
import { withinQuota } from './quota.ts'

type Value = string | number

/** One field in which the spec differs from what is granted; `more` and `less` where it is an amount. */
export type FieldChange = {
  field:
    | 'strategy'
    | 'alias'
    | 'durationDays'
    | 'quota.requestsPerMinute'
    | 'quota.tokensPerDay'
    | 'quota.concurrency'
    | 'justification'
    | 'purpose'
    | 'renewal'
  /** Absent where the grant does not know it. */
  from?: Value
  to: Value
  how: 'more' | 'less' | 'other'
}

type Wish = Omit<ModelBindingSpec, 'modelService' | 'released'>
type Granted = Omit<Wish, 'justification' | 'purpose'> &
  Partial<Pick<Wish, 'justification' | 'purpose'>>

/** Where a wish differs from what is granted, in the order in which a page shows it. */
export function changesOf(granted: Granted, wish: Wish): FieldChange[] {
  const pairs: [FieldChange['field'], Value | undefined, Value][] = [
    ['durationDays', granted.durationDays, wish.durationDays],
    ['quota.requestsPerMinute', granted.quota.requestsPerMinute, wish.quota.requestsPerMinute],
    ['quota.tokensPerDay', granted.quota.tokensPerDay, wish.quota.tokensPerDay],
    ['quota.concurrency', granted.quota.concurrency, wish.quota.concurrency],
    ['strategy', granted.strategy, wish.strategy],
    ['alias', granted.alias, wish.alias],
    // A grant from before these were kept says nothing about them.
    ['purpose', granted.purpose ?? wish.purpose, wish.purpose],
    ['justification', granted.justification ?? wish.justification, wish.justification],
    ['renewal', granted.renewal ?? 0, wish.renewal ?? 0],
  ]
  return pairs.flatMap(([field, from, to]) =>
    from === to ? [] : [{ field, from, to, how: howOf(from, to) }],
  )
}

/**
 * What a spec of a later generation than the grant's asks: nothing (it is what is granted), less of it, or something
 * that people decide. Shortening beyond the present moment would cut at once, which nobody means by it: that is decided.
 */
export function requestAgainst(
  grant: Grant,
  wish: Wish,
  now: Date,
): 'nothing' | 'less' | 'request' {
  if (changesOf(grant, wish).length === 0) return 'nothing'
  const { strategy, alias, renewal = 0, quota, durationDays } = wish
  const same =
    strategy === grant.strategy && alias === grant.alias && renewal === (grant.renewal ?? 0)
  const within = durationDays <= grant.durationDays && withinQuota(quota, grant.quota)
  const smaller = durationDays < grant.durationDays || !withinQuota(grant.quota, quota)
  if (!same || !within || !smaller) return 'request'
  const end = shortenedEnd(grant, durationDays)
  return end && end.getTime() <= now.getTime() ? 'request' : 'less'
}

/** When the present term ends if it lasts so many days; undefined where it has not begun or does not get shorter. */
export function shortenedEnd(grant: Grant, durationDays: number): Date | undefined {
  if (grant.newTerm || !grant.expiresAt || durationDays >= grant.durationDays) return undefined
  const granted = Date.parse(grant.expiresAt)
  const since = grant.termSince
    ? Date.parse(grant.termSince)
    : granted - grant.durationDays * 86_400_000
  return new Date(Math.min(granted, since + durationDays * 86_400_000))
}

/** As a merge patch of the spec: what would have to be asked for to get what is granted. */
export function requestOfGrant(
  grant: Grant,
): Partial<Omit<Wish, 'renewal'>> & { renewal: number | null } {
  const { strategy, alias, durationDays, quota, justification, purpose, renewal } = grant
  return {
    ...{ strategy, alias, durationDays, quota },
    ...(justification === undefined ? {} : { justification }),
    ...(purpose === undefined ? {} : { purpose }),
    renewal: renewal ?? null,
  }
}

/** The grant beside which the spec is a change; undefined where nothing is in force. */
export function activeGrant({ status }: ModelBinding): Grant | undefined {
  const granted = status?.granted
  return granted && !endsGrant(status?.end, granted) ? granted : undefined
}

function howOf(from: Value | undefined, to: Value): FieldChange['how'] {
  if (typeof from !== 'number' || typeof to !== 'number') return 'other'
  return to > from ? 'more' : 'less'
}

import type { Grant } from './model-binding.ts'

/** So much of the term is left when people are warned. */
export const warningPercents = [20, 5] as const

export type TermWarning = { leftPercent: (typeof warningPercents)[number]; at: string }

/** The time of a grant as instants alone: whoever shows or sends a warning compares them with the clock. */
export type GrantTerm = {
  since: string
  expiresAt: string
  /** When access is cut: the end of the grace period, or `expiresAt`. */
  cutAt: string
  warnings: TermWarning[]
}

const dayMs = 86_400_000

/** Undefined until the grant is usable. */
export function termOf(grant: Grant): GrantTerm | undefined {
  const { expiresAt, durationDays, termSince, cutAt } = grant
  if (!expiresAt) return undefined
  const end = Date.parse(expiresAt)
  // A grant of the first release does not say when its term began.
  const since = termSince ? Date.parse(termSince) : end - durationDays * dayMs
  const warnings = warningPercents.map((leftPercent) => ({
    leftPercent,
    at: new Date(end - ((end - since) * leftPercent) / 100).toISOString(),
  }))
  return {
    since: new Date(since).toISOString(),
    expiresAt,
    cutAt: cutAt ?? expiresAt,
    warnings,
  }
}

/** The last warning that is due; `grace` once the term is over and access goes on. */
export function warningAt(term: GrantTerm, now: Date): 20 | 5 | 'grace' | undefined {
  if (now.getTime() >= Date.parse(term.expiresAt)) return 'grace'
  return term.warnings.findLast(({ at }) => now.getTime() >= Date.parse(at))?.leftPercent
}

/** When the gateway refuses, to the second; undefined while the clock of the grant does not run. */
export function cutOf(grant: Grant): Date | undefined {
  const at = grant.cutAt ?? grant.expiresAt
  return at === undefined ? undefined : new Date(at)
}

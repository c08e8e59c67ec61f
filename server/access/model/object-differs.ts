import type { PlanObject } from './plan.ts'

/**
 * Whether a live object may be other than its plan: what is planned must be there, whole lists of the same length. What
 * others added beside it is theirs. Cheap and careful: a server-side dry run says what really differs.
 */
export function objectDiffers(planned: PlanObject, live: unknown): boolean {
  return differs(planned, live)
}

function differs(planned: unknown, live: unknown): boolean {
  if (Array.isArray(planned)) {
    if (!Array.isArray(live) || live.length !== planned.length) return planned.length > 0
    return planned.some((member, index) => differs(member, live[index]))
  }
  if (isRecord(planned)) {
    if (!isRecord(live)) return Object.keys(planned).length > 0
    return Object.entries(planned).some(([key, member]) => differs(member, live[key]))
  }
  return planned !== undefined && planned !== live
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

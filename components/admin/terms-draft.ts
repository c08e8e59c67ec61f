import type { Quota } from '#server/access/model/quota.ts'
import type { TermsBody } from '#server/access/model/request-schema.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import type { Ring } from '#server/serving/model/model-service.ts'

export const termsFields = [
  'durationDays',
  'concurrency',
  'requestsPerMinute',
  'tokensPerDay',
] as const
export type TermsField = (typeof termsFields)[number]

/** What the approver would grant, as typed. */
export type TermsDraft = Record<TermsField, string> & { ring: Ring }

type Offered = Pick<BindingView, 'asked' | 'terms' | 'granted' | 'generation'>

const smallest: Record<TermsField, number> = {
  durationDays: 1,
  concurrency: 1,
  requestsPerMinute: 1,
  tokensPerDay: 1000,
}

/** What would be granted if it were approved now. */
export function termsNow({ asked, terms, granted }: Omit<Offered, 'generation'>): {
  durationDays: number
  quota: Quota
  ring: Ring
} {
  return {
    durationDays: terms?.durationDays ?? asked.durationDays,
    quota: terms?.quota ?? asked.quota,
    ring: terms?.ring ?? granted?.ring ?? 'stable',
  }
}

export function draftOfTerms(binding: Offered): TermsDraft {
  const { durationDays, quota, ring } = termsNow(binding)
  return {
    durationDays: String(durationDays),
    concurrency: String(quota.concurrency),
    requestsPerMinute: String(quota.requestsPerMinute),
    tokensPerDay: String(quota.tokensPerDay),
    ring,
  }
}

/** What is sent: only what differs from the wish. `same`: it is what would be granted anyway, and makes no other plan. */
export function bodyOfTerms(
  draft: TermsDraft,
  binding: Offered,
  comment: string,
):
  | { state: 'offer'; body: TermsBody }
  | { state: 'same' }
  | { state: 'invalid'; field: TermsField; min: number } {
  const { asked, granted, generation } = binding
  const most: Record<TermsField, number> = { durationDays: asked.durationDays, ...asked.quota }
  for (const field of termsFields) {
    const value = numberOf(draft[field])
    const min = smallest[field]
    if (!(Number.isInteger(value) && value >= min && value <= most[field])) {
      return { state: 'invalid', field, min }
    }
  }
  const durationDays = numberOf(draft.durationDays)
  const quota = {
    requestsPerMinute: numberOf(draft.requestsPerMinute),
    tokensPerDay: numberOf(draft.tokensPerDay),
    concurrency: numberOf(draft.concurrency),
  }
  const now = termsNow(binding)
  if (durationDays === now.durationDays && isSame(quota, now.quota) && draft.ring === now.ring) {
    return { state: 'same' }
  }
  const usual = granted?.ring ?? 'stable'
  const body: TermsBody = { generation, comment }
  if (durationDays !== asked.durationDays) body.durationDays = durationDays
  if (!isSame(quota, asked.quota)) body.quota = quota
  if (draft.ring !== usual) body.ring = draft.ring
  return { state: 'offer', body }
}

function isSame(a: Quota, b: Quota): boolean {
  return (
    a.requestsPerMinute === b.requestsPerMinute &&
    a.tokensPerDay === b.tokensPerDay &&
    a.concurrency === b.concurrency
  )
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

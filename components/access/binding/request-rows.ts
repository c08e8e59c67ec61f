import type { FieldChange } from '#server/access/model/requested-changes.ts'
import type { BindingView } from '#server/access/views/binding.ts'

export const wishFields = [
  'durationDays',
  'quota.requestsPerMinute',
  'quota.tokensPerDay',
  'quota.concurrency',
  'strategy',
  'alias',
  'ring',
] as const
export type WishField = (typeof wishFields)[number]

export type WishRow = {
  field: WishField
  /** What is in force. */
  now?: string | number
  asked?: string | number
  /** What an approver offers in its place, where that is another. */
  offered?: string | number
  how?: FieldChange['how']
}

type Terms = {
  durationDays: number
  quota: { requestsPerMinute: number; tokensPerDay: number; concurrency: number }
  strategy: string
  alias: string
  ring?: string
}

/** What is in force, what is asked and what is offered, field by field. */
export function wishRows({
  asked,
  granted,
  terms,
  changes,
}: Pick<BindingView, 'asked' | 'granted' | 'terms' | 'changes'>): WishRow[] {
  const offer: Partial<Terms> = terms ?? {}
  return wishFields.map((field) => {
    const wish = field === 'ring' ? granted?.ring : fieldOf(asked, field)
    const offered = fieldOf(offer, field)
    return {
      field,
      now: granted && fieldOf(granted, field),
      asked: wish,
      offered: offered !== undefined && offered !== wish ? offered : undefined,
      how: changes.find((one) => one.field === field)?.how,
    }
  })
}

function fieldOf(terms: Partial<Terms>, field: WishField): string | number | undefined {
  switch (field) {
    case 'quota.requestsPerMinute':
      return terms.quota?.requestsPerMinute
    case 'quota.tokensPerDay':
      return terms.quota?.tokensPerDay
    case 'quota.concurrency':
      return terms.quota?.concurrency
    default:
      return terms[field]
  }
}

import type { BindingView } from '#server/access/views/binding.ts'

export const requestViews = ['waiting', 'mine', 'decided'] as const
export type RequestViewName = (typeof requestViews)[number]

export const requestAges = ['day', 'week', 'older'] as const
export type RequestAge = (typeof requestAges)[number]

/** In another order than by time as the view has it: the other way round, or what asks for most first. */
export const requestSorts = ['reversed', 'tokens', 'days'] as const
export type RequestSort = (typeof requestSorts)[number]

export type RequestFilter = {
  view: RequestViewName
  service?: string
  namespace?: string
  age?: RequestAge
  sort?: RequestSort
}

const dayMs = 86_400_000

/**
 * The requests of a view that every set filter lets through: unless sorted otherwise what waits longest first, what was
 * decided last first.
 */
export function filterRequests(
  bindings: readonly BindingView[],
  filter: RequestFilter,
  user: string,
  now: Date,
): BindingView[] {
  const found = bindings.filter(
    (binding) =>
      inView(binding, filter.view, user) &&
      (!filter.service || serviceOf(binding) === filter.service) &&
      (!filter.namespace || binding.namespace === filter.namespace) &&
      (!filter.age || isOfAge(instantOf(binding, filter.view), filter.age, now)),
  )
  return found.toSorted((a, b) => compare(a, b, filter))
}

/** What stands before and after one in a queue, also where it has just left it. */
export function neighboursOf(
  queue: readonly BindingView[],
  one: BindingView | undefined,
  filter: RequestFilter,
): { before?: string; after?: string } {
  if (!one) return {}
  return {
    before: queue.findLast((other) => compare(other, one, filter) < 0)?.id,
    after: queue.find((other) => compare(other, one, filter) > 0)?.id,
  }
}

function compare(a: BindingView, b: BindingView, { view, sort }: RequestFilter): number {
  const time = instantOf(a, view).localeCompare(instantOf(b, view))
  const order = (view === 'waiting') === (sort !== 'reversed') ? time : -time
  const more =
    sort === 'tokens'
      ? b.asked.quota.tokensPerDay - a.asked.quota.tokensPerDay
      : sort === 'days'
        ? b.asked.durationDays - a.asked.durationDays
        : 0
  return more || order || a.id.localeCompare(b.id)
}

/** Waits for this person: they may decide, and have not yet. */
export function isWaitingFor(binding: BindingView, user: string): boolean {
  const { seal } = binding
  const mine = binding.decisions.some(({ by, digest }) => by === user && digest === seal?.digest)
  return binding.can.includes('decide') && !mine
}

export function serviceOf({ asked }: Pick<BindingView, 'asked'>): string {
  return `${asked.modelService.namespace}/${asked.modelService.name}`
}

/** When it was asked for in its present form. */
export function askedAt({ granted, seal, createdAt }: BindingView): string {
  return granted && seal ? (seal.since ?? seal.previewedAt) : createdAt
}

function inView(binding: BindingView, view: RequestViewName, user: string): boolean {
  if (view === 'waiting') return isWaitingFor(binding, user)
  if (view === 'decided') return binding.decisions.length > 0
  return binding.requestedBy === user || binding.decisions.some(({ by }) => by === user)
}

function instantOf(binding: BindingView, view: RequestViewName): string {
  const last = view === 'waiting' ? undefined : binding.decisions.at(-1)
  return last?.at ?? askedAt(binding)
}

function isOfAge(at: string, age: RequestAge, now: Date): boolean {
  const old = now.getTime() - Date.parse(at)
  if (age === 'day') return old <= dayMs
  return age === 'week' ? old <= 7 * dayMs : old > 7 * dayMs
}

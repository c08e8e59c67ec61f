import type { ListEvent } from '#server/processes/web/views/list-events.ts'

type Item = { id: string; goneAt?: string }

/**
 * The list after the event. Pure; the same list comes back where nothing changed. A snapshot replaces everything,
 * so that a missed event, a restart and a reconnect are one case; but what the cluster had lost already stays.
 */
export function applyListEvent<T extends Item>(list: T[] | undefined, event: ListEvent): T[] {
  const items = list ?? []
  if (event.event === 'snapshot') {
    const there = event.data.items as unknown as T[]
    const ids = new Set(there.map(({ id }) => id))
    const gone = items.filter(({ id, goneAt }) => goneAt && !ids.has(id))
    return gone.length > 0 ? [...there, ...gone] : there
  }
  if (event.event === 'remove') {
    const { id } = event.data
    return items.some((item) => item.id === id) ? items.filter((item) => item.id !== id) : items
  }
  const item = event.data.item as unknown as T
  const index = items.findIndex((existing) => existing.id === item.id)
  if (index < 0) return [...items, item]
  return items.with(index, item)
}

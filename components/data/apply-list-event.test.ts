import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ListEvent } from '#server/processes/web/views/list-events.ts'
import { applyListEvent } from './apply-list-event.ts'

type Item = { id: string; value: number }

const item = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), value: fc.nat(9) })
const change = fc.oneof(
  item.map((value) => ({ event: 'upsert', data: { kind: 'runs', item: value } })),
  item.map(({ id }) => ({ event: 'remove', data: { kind: 'runs', id } })),
)

test('any sequence of changes leaves the same set as a map would hold', () => {
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const model = new Map<string, Item>()
      let list: Item[] = []
      for (const event of changes) {
        if ('item' in event.data) model.set(event.data.item.id, event.data.item)
        else model.delete(event.data.id)
        list = applyListEvent(list, event as unknown as ListEvent)
      }
      expect(Object.fromEntries(list.map((entry) => [entry.id, entry]))).toEqual(
        Object.fromEntries(model),
      )
      expect(list).toHaveLength(model.size)
    }),
  )
})

test('a snapshot replaces whatever was there', () => {
  const items = [{ id: 'x', value: 1 }]
  const event = { event: 'snapshot', data: { kind: 'runs', items } } as unknown as ListEvent
  expect(applyListEvent([{ id: 'y', value: 2 }], event)).toEqual(items)
})

test('runs that the cluster had lost already outlast a snapshot, unless their name is used again', () => {
  const gone = (id: string) => ({ id, goneAt: '2026-01-01T00:00:00Z' })
  const items = [{ id: 'x' }, { id: 'z' }]
  const event = { event: 'snapshot', data: { kind: 'runs', items } } as unknown as ListEvent
  expect(applyListEvent([gone('y'), gone('z'), { id: 'w' }], event)).toEqual([...items, gone('y')])
})

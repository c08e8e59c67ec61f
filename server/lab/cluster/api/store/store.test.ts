import { expect, test } from 'vitest'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { createStore } from './store.ts'

function object(name: string, namespace = 'a'): KubeObject {
  const metadata = { name, namespace, uid: name, resourceVersion: '', creationTimestamp: '' }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata }
}

test('lists are in order, and a namespace does not show another whose name begins like it', () => {
  const store = createStore()
  for (const [name, namespace] of [
    ['b', 'team'],
    ['a', 'team'],
    ['c', 'team-2'],
    ['d', 'te'],
  ] as const)
    store.put('configmaps', object(name, namespace))
  const names = (namespace?: string) =>
    store.list('configmaps', namespace).map((one) => one.metadata.name)
  expect(names('team')).toEqual(['a', 'b'])
  expect(names()).toEqual(['d', 'c', 'a', 'b'])
})

test('what a reader was given cannot be changed under the others', () => {
  const store = createStore()
  const stored = store.put('configmaps', object('a'))
  expect(() => {
    stored.metadata.name = 'b'
  }).toThrow(TypeError)
})

test('the log forgets the oldest changes, and says how far', () => {
  const store = createStore(10)
  const first = store.revision()
  expect(store.compactedRevision(), 'a young store has forgotten nothing').toBe(0)
  for (let n = 0; n < 25; n++) store.put('configmaps', object(`n${n}`))
  expect(store.compactedRevision()).toBeGreaterThan(first)
  const since = store.compactedRevision()
  expect(store.changesSince('configmaps', since)).toHaveLength(store.revision() - since)
  store.compact()
  expect(store.compactedRevision()).toBe(store.revision())
})

test('the log is bounded by its size too, and never loses the last change', () => {
  const logBytesMax = 100_000
  const store = createStore(10_000, logBytesMax)
  const large = (n: number) => ({ ...object(`n${n}`), data: { text: `${n}`.repeat(2_000) } })
  for (let n = 10; n < 99; n++) store.put('configmaps', large(n))
  const since = store.compactedRevision()
  const kept = store.changesSince('configmaps', since)
  expect(kept.at(-1)?.revision).toBe(store.revision())
  expect(kept.length).toBeLessThan((logBytesMax * 2) / 4_000)
  expect(kept.length).toBeGreaterThan(logBytesMax / 4_000 / 2)
  store.put('configmaps', { ...object('huge'), data: { text: 'x'.repeat(logBytesMax * 3) } })
  expect(store.changesSince('configmaps', store.revision() - 1)).toHaveLength(1)
})

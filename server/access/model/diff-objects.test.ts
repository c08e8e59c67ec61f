import { expect, test } from 'vitest'
import { createChange, flatten, updateChange } from './diff-objects.ts'

const target = { apiVersion: 'v1', kind: 'Service', namespace: 'a', name: 'b' }

test('leaves have paths that a person can read', () => {
  const paths = [...flatten({ spec: { ports: [{ port: 1 }], selector: {} }, 'a/b': 1 }).keys()]
  expect(paths).toEqual(['spec.ports[0].port', 'spec.selector', '["a/b"]'])
})

test('an update shows what changes and nothing of the server’s own', () => {
  const live = {
    metadata: { resourceVersion: '1', labels: { x: '1' } },
    spec: { a: 1, gone: true },
    status: {},
  }
  const dryRun = {
    metadata: { resourceVersion: '2', labels: { x: '1' } },
    spec: { a: 2 },
    status: { z: 1 },
  }
  const change = updateChange(target, live, dryRun)
  expect(change.change).toBe('update')
  expect(change.fields).toEqual([
    { path: 'spec.a', live: '1', planned: '2' },
    { path: 'spec.gone', live: 'true', planned: undefined },
  ])
  expect(updateChange(target, live, live)).toMatchObject({ change: 'unchanged', fields: [] })
})

test('a creation shows the plan without what every object has', () => {
  const metadata = { name: 'b', namespace: 'a', labels: { x: '1' } }
  const change = createChange(target, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { type: 'X' },
  })
  expect(change.fields).toEqual([
    { path: 'metadata.labels.x', planned: '1' },
    { path: 'spec.type', planned: 'X' },
  ])
})

test('who wrote which field is the server’s bookkeeping, and no change', () => {
  const managed = (time: string) => ({
    metadata: { managedFields: [{ manager: 'bindery-binder', time }] },
    spec: { type: 'ExternalName' },
  })
  expect(updateChange(target, managed('1'), managed('2')).change).toBe('unchanged')
})

test('what only the server’s defaults add is no part of what a reader decides on', () => {
  const metadata = { name: 'b', namespace: 'a', labels: {} }
  const planned = { ...target, metadata, spec: { ports: [{ port: 1 }] } }
  const live = { spec: { type: 'ExternalName' } }
  const dryRun = {
    spec: { type: 'ClusterIP', ports: [{ port: 1, protocol: 'TCP' }], ipFamilies: ['IPv4'] },
  }
  const paths = updateChange(target, live, dryRun, planned).fields.map(({ path }) => path)
  // A default that takes the place of something is shown: the reader sees what is lost.
  expect(paths).toEqual(['spec.type', 'spec.ports[0].port'])
})

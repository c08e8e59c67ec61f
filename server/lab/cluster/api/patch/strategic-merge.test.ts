import { expect, test } from 'vitest'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import { strategicMerge } from './strategic-merge.ts'

const schema = builtinSchema('V1Pod')
const pod = {
  metadata: { finalizers: ['x', 'y'] },
  spec: {
    nodeSelector: { a: '1', b: '2' },
    containers: [
      { name: 'one', image: 'a', env: [{ name: 'A', value: '1' }] },
      { name: 'two', image: 'b', command: ['x', 'y'] },
    ],
  },
}

function merge(patch: object) {
  return strategicMerge(pod, patch, schema)
}

test('lists with keys merge element by element, others are replaced', () => {
  const patched = merge({
    spec: {
      containers: [
        { name: 'two', command: ['z'] },
        { name: 'one', env: [{ name: 'B', value: '2' }] },
      ],
    },
  })
  expect(patched).toMatchObject({
    spec: {
      containers: [
        { name: 'one', image: 'a', env: [{ name: 'A' }, { name: 'B' }] },
        { name: 'two', image: 'b', command: ['z'] },
      ],
    },
  })
})

test('directives delete, replace and order', () => {
  expect(merge({ spec: { containers: [{ name: 'one', $patch: 'delete' }] } })).toMatchObject({
    spec: { containers: [{ name: 'two' }] },
  })
  expect(merge({ spec: { nodeSelector: { c: '3', $patch: 'replace' } } })).toMatchObject({
    spec: { nodeSelector: { c: '3' } },
  })
  expect(merge({ metadata: { '$deleteFromPrimitiveList/finalizers': ['x'] } })).toMatchObject({
    metadata: { finalizers: ['y'] },
  })
  const ordered = merge({
    spec: { '$setElementOrder/containers': [{ name: 'two' }, { name: 'one' }] },
  })
  expect(ordered).toMatchObject({ spec: { containers: [{ name: 'two' }, { name: 'one' }] } })
})

test('retained keys leave no other', () => {
  const patched = merge({ spec: { $retainKeys: ['containers'] } })
  expect(patched).toEqual({ ...pod, spec: { containers: pod.spec.containers } })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'
import { movesFor, ringOf } from './ring-share.ts'

function granted(namespace: string, name: string, ring: 'stable' | 'canary'): ModelBinding {
  const binding = sampleBinding()
  const { strategy, alias, durationDays, quota } = binding.spec
  const grant = { generation: 1, strategy, alias, durationDays, quota, ring }
  return {
    ...binding,
    metadata: { ...binding.metadata, namespace, name },
    status: {
      granted: { ...grant, digest: 'x', approvedBy: ['grace'], approvedAt: '2026-11-24T08:00:00Z' },
    },
  }
}

const tenant = fc.record({
  namespace: fc.integer({ min: 0, max: 40 }).map((n) => `team-${n}`),
  ring: fc.constantFrom('stable' as const, 'canary' as const),
})
const tenants = fc
  .array(tenant, { maxLength: 40 })
  .map((all) => all.map(({ namespace, ring }, index) => granted(namespace, `b-${index}`, ring)))

function after(bindings: ModelBinding[], canaryPercent: number): Map<string, Set<string>> {
  const moves = movesFor(bindings, { canaryPercent })
  const rings = new Map<string, Set<string>>()
  for (const binding of bindings) {
    const { namespace = '', name } = binding.metadata
    const move = moves.find((one) => one.namespace === namespace && one.name === name)
    rings.set(namespace, (rings.get(namespace) ?? new Set()).add(move?.to ?? ringOf(binding) ?? ''))
  }
  return rings
}

const canaries = (rings: Map<string, Set<string>>) =>
  [...rings].filter(([, ring]) => ring.has('canary')).map(([namespace]) => namespace)

test('a share is of whole tenants, the same each time, and widening it moves nobody back', () => {
  fc.assert(
    fc.property(tenants, fc.nat(100), fc.nat(100), (bindings, one, two) => {
      const [less, more] = [Math.min(one, two), Math.max(one, two)]
      const small = after(bindings, less)
      for (const rings of small.values()) expect(rings.size).toBe(1)
      expect(canaries(small)).toHaveLength(Math.round((small.size * less) / 100))
      expect(canaries(after(bindings, more))).toEqual(expect.arrayContaining(canaries(small)))
      // Where it holds already, nothing moves.
      const moved = bindings.map((binding) => {
        const { namespace = '', name } = binding.metadata
        return granted(namespace, name, small.get(namespace)?.has('canary') ? 'canary' : 'stable')
      })
      expect(movesFor(moved, { canaryPercent: less })).toEqual([])
    }),
  )
})

test('tenants by name move, others stay; what is on its way counts as there', () => {
  const bindings = [granted('a', 'x', 'stable'), granted('b', 'y', 'stable'), sampleBinding()]
  const share = { ring: 'canary' as const, namespaces: ['a'] }
  expect(movesFor(bindings, share)).toEqual([
    { namespace: 'a', name: 'x', from: 'stable', to: 'canary' },
  ])
  const move = { ring: 'canary' as const, by: 'grace', at: '2026-11-24T08:00:00Z', comment: '' }
  const moving = { ...bindings[0], status: { ...bindings[0]?.status, move } } as ModelBinding
  expect(movesFor([moving], share)).toEqual([])
})

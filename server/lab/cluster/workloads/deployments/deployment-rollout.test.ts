import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recreateSizes, rollingSizes, rolloutLimits } from './deployment-rollout.ts'

test('percentages round in favour of availability', () => {
  expect(rolloutLimits(1)).toEqual({ replicas: 1, maxSurge: 1, maxUnavailable: 0 })
  expect(rolloutLimits(10, { maxSurge: '25%', maxUnavailable: '25%' })).toEqual({
    replicas: 10,
    maxSurge: 3,
    maxUnavailable: 2,
  })
  expect(rolloutLimits(3, { maxSurge: 0, maxUnavailable: 0 }).maxUnavailable).toBe(1)
})

test('one replica is replaced without a gap', () => {
  const limits = rolloutLimits(1)
  const sizes = (newAvailable: number, newReplicas: number) =>
    Object.fromEntries(
      rollingSizes(
        [
          { name: 'old', replicas: 1, available: 1, isNew: false },
          { name: 'new', replicas: newReplicas, available: newAvailable, isNew: true },
        ],
        limits,
      ),
    )
  expect(sizes(0, 0)).toEqual({ old: 1, new: 1 })
  expect(sizes(0, 1)).toEqual({ old: 1, new: 1 })
  expect(sizes(1, 1)).toEqual({ old: 0, new: 1 })
})

test('a rolling update ends, and stays within its limits on the way', () => {
  const percent = fc.integer({ min: 0, max: 100 }).map((n) => `${n}%`)
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      percent,
      percent,
      (before, after, maxSurge, maxUnavailable) => {
        const limits = rolloutLimits(after, { maxSurge, maxUnavailable })
        let old = before
        let fresh = 0
        for (let step = 0; step < 60 && (old > 0 || fresh !== after); step += 1) {
          // Every pod that was asked for is available by the next look.
          const next = rollingSizes(
            [
              { name: 'old', replicas: old, available: old, isNew: false },
              { name: 'new', replicas: fresh, available: fresh, isNew: true },
            ],
            limits,
          )
          const [oldNext, newNext] = [next.get('old') ?? 0, next.get('new') ?? 0]
          if (before <= after + limits.maxSurge)
            expect(oldNext + newNext).toBeLessThanOrEqual(after + limits.maxSurge)
          expect(oldNext + Math.min(fresh, newNext)).toBeGreaterThanOrEqual(
            Math.min(old + fresh, after - limits.maxUnavailable),
          )
          old = oldNext
          fresh = newNext
        }
        expect([old, fresh]).toEqual([0, after])
      },
    ),
  )
})

test('recreate waits for the last old pod', () => {
  const sets = [
    { name: 'old', replicas: 2, available: 2, isNew: false },
    { name: 'new', replicas: 0, available: 0, isNew: true },
  ]
  expect(Object.fromEntries(recreateSizes(sets, 2, true))).toEqual({ old: 0, new: 0 })
  expect(Object.fromEntries(recreateSizes(sets, 2, false))).toEqual({ old: 0, new: 2 })
})

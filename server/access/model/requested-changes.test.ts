import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bindingIn, readySimulation, withStatus } from '#server/testing/access/binding-stories.ts'
import type { Grant, ModelBindingSpec } from './model-binding.ts'
import {
  activeGrant,
  changesOf,
  requestAgainst,
  requestOfGrant,
  shortenedEnd,
} from './requested-changes.ts'

const now = new Date('2026-11-25T08:00:00Z')
const ready = bindingIn(readySimulation())
const granted = ready.status!.granted!
const amount = fc.integer({ min: 1, max: 3 })

const wishes = fc.record({
  strategy: fc.constantFrom('ExternalName' as const, 'EndpointSlice' as const),
  alias: fc.constantFrom(granted.alias, 'other'),
  purpose: fc.constantFrom('Research' as const, 'Teaching' as const),
  justification: fc.constantFrom(ready.spec.justification, 'For something else.'),
  renewal: fc.constantFrom(undefined, 0, 1),
  durationDays: fc.integer({ min: 1, max: 40 }),
  quota: fc.record({ requestsPerMinute: amount, tokensPerDay: amount, concurrency: amount }),
})

const standing: Grant = {
  ...granted,
  quota: { requestsPerMinute: 2, tokensPerDay: 2, concurrency: 2 },
}

function amountsOf(one: Pick<ModelBindingSpec, 'durationDays' | 'quota'>): number[] {
  const { requestsPerMinute, tokensPerDay, concurrency } = one.quota
  return [one.durationDays, requestsPerMinute, tokensPerDay, concurrency]
}

test('without a decision nobody gets more of anything, another name, or another term', () => {
  fc.assert(
    fc.property(wishes, (rest) => {
      const wish = { ...ready.spec, ...rest }
      const changes = changesOf(standing, wish)
      const answer = requestAgainst(standing, wish, now)
      expect(changes.length === 0).toBe(answer === 'nothing')
      if (answer !== 'less') return
      const more = amountsOf(wish).some((value, index) => value > amountsOf(standing)[index]!)
      const less = amountsOf(wish).some((value, index) => value < amountsOf(standing)[index]!)
      expect([more, less]).toEqual([false, true])
      expect([wish.alias, wish.strategy]).toEqual([granted.alias, granted.strategy])
      expect(wish.renewal ?? 0).toBe(0)
    }),
    { numRuns: 500 },
  )
})

test('only other words are decided, and less of something needs nobody', () => {
  const wish = { ...ready.spec, quota: standing.quota }
  expect(requestAgainst(standing, { ...wish, justification: 'For something else.' }, now)).toBe(
    'request',
  )
  expect(requestAgainst(standing, { ...wish, durationDays: 29 }, now)).toBe('less')
  const quota = { ...standing.quota, concurrency: 1 }
  expect(requestAgainst(standing, { ...wish, quota }, now)).toBe('less')
  expect(requestAgainst(standing, { ...wish, quota, durationDays: 31 }, now)).toBe('request')
  expect(requestAgainst(standing, { ...wish, durationDays: 1 }, now), 'cut at once').toBe('request')
})

test('a shorter term ends where it would have from its beginning, and never later than granted', () => {
  expect(shortenedEnd(granted, 10)).toEqual(new Date('2026-12-04T08:00:00Z'))
  expect(shortenedEnd({ ...granted, termSince: undefined }, 10)).toEqual(
    new Date('2026-12-04T08:00:00Z'),
  )
  expect(shortenedEnd({ ...granted, expiresAt: '2026-11-30T08:00:00Z' }, 10)).toEqual(
    new Date('2026-11-30T08:00:00Z'),
  )
  for (const days of [30, 31]) expect(shortenedEnd(granted, days)).toBeUndefined()
  expect(shortenedEnd({ ...granted, newTerm: true }, 10), 'not begun').toBeUndefined()
  expect(shortenedEnd({ ...granted, expiresAt: undefined }, 10)).toBeUndefined()
})

test('what is granted can be asked for again, word for word', () => {
  const renewed = { ...granted, renewal: 4 }
  const { renewal, ...wish } = requestOfGrant(renewed)
  expect(renewal).toBe(4)
  expect(requestOfGrant(granted).renewal, 'as a patch that takes it away').toBeNull()
  expect(changesOf(renewed, { ...ready.spec, ...wish, renewal: 4 })).toEqual([])
  const end = { reason: 'Revoked' as const, by: 'grace', at: '', comment: '', generation: 1 }
  expect(activeGrant(ready)).toBe(granted)
  expect(activeGrant(withStatus(ready, { end }))).toBeUndefined()
})

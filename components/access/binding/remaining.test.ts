import { expect, test } from 'vitest'
import { remainingUntil, shareLeft } from './remaining.ts'

const now = new Date('2026-11-24T10:00:00Z')

test('what is left is said in the two units that matter, and never below nothing', () => {
  expect(remainingUntil('2026-12-01T09:59:59Z', now)).toEqual({ unit: 'days', days: 6, hours: 23 })
  expect(remainingUntil('2026-11-25T09:59:59Z', now)).toEqual({
    unit: 'hours',
    hours: 23,
    minutes: 59,
  })
  expect(remainingUntil('2026-11-24T10:59:59Z', now)).toEqual({
    unit: 'minutes',
    minutes: 59,
    seconds: 59,
  })
  expect(remainingUntil('2026-11-24T09:00:00Z', now)).toEqual({
    unit: 'minutes',
    minutes: 0,
    seconds: 0,
  })
})

test('the share of a term goes from whole to nothing, and stays within', () => {
  const term = { since: '2026-11-23T10:00:00Z', expiresAt: '2026-11-27T10:00:00Z' }
  expect(shareLeft(term, now)).toBe(0.75)
  expect(shareLeft(term, new Date('2026-11-20T00:00:00Z'))).toBe(1)
  expect(shareLeft(term, new Date('2026-11-28T00:00:00Z'))).toBe(0)
  expect(shareLeft({ since: term.since, expiresAt: term.since }, now)).toBe(0)
})

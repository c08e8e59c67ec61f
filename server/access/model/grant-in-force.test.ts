import { expect, test } from 'vitest'
import { play } from '#server/testing/access/binding-acts.ts'
import { bindingIn, readySimulation, withStatus } from '#server/testing/access/binding-stories.ts'
import { withConditions } from './conditions.ts'
import { grantInForce } from './grant-in-force.ts'
import { cutOf, termOf, warningAt } from './grant-term.ts'
import type { End, ModelBinding } from './model-binding.ts'

const now = new Date('2026-11-24T09:00:00Z')
const ready = () => bindingIn(readySimulation())

function answer(binding: ModelBinding, at = now, probing = false): string {
  const force = grantInForce(binding, at, probing)
  return 'grant' in force ? 'granted' : force.refusal
}

function provisioning(binding: ModelBinding, status: 'Unknown' | 'False'): ModelBinding {
  const change = { type: 'Provisioned' as const, status, reason: 'Test', message: '' }
  const conditions = withConditions(binding.status?.conditions, [change], 1, now)
  return withStatus(binding, { conditions })
}

function unready(binding: ModelBinding): ModelBinding {
  const change = { type: 'Ready' as const, status: 'False' as const, reason: 'Test', message: '' }
  return withStatus(binding, {
    conditions: withConditions(binding.status?.conditions, [change], 1, now),
  })
}

test('access stands while a grant is used, ready, and neither ended nor over', () => {
  const binding = ready()
  const granted = binding.status!.granted!
  expect(answer(binding)).toBe('granted')
  expect(answer(withStatus(binding, { granted: undefined }))).toBe('not-granted')
  expect(answer(withStatus(binding, { granted: { ...granted, usableSince: undefined } }))).toBe(
    'not-ready',
  )
  expect(answer(unready(binding))).toBe('not-ready')
  expect(answer({ ...binding, spec: { ...binding.spec, released: true } })).toBe('ended')
  const deletionTimestamp = now.toISOString()
  expect(answer({ ...binding, metadata: { ...binding.metadata, deletionTimestamp } })).toBe('ended')

  const end: End = { reason: 'Revoked', by: 'grace', at: '', comment: '', generation: 1 }
  expect(answer(withStatus(binding, { end })), 'an end is for its own generation').toBe('ended')
  const later = { ...granted, generation: 2 }
  expect(answer(withStatus(binding, { end, granted: later })), 'and no later one').toBe('granted')
})

test('it is over at the very instant, and not before; with grace, at the end of that', () => {
  const binding = ready()
  const cut = new Date(binding.status!.granted!.expiresAt!)
  expect(answer(binding, new Date(cut.getTime() - 1))).toBe('granted')
  expect(answer(binding, cut)).toBe('expired')

  const patient = bindingIn(
    readySimulation({
      limits: {
        maxDurationDays: 180,
        maxQuota: { requestsPerMinute: 600, tokensPerDay: 20_000_000, concurrency: 14 },
        contextTokens: 1,
        graceHours: 24,
      },
    }),
  )
  const { granted } = patient.status!
  expect(granted).toMatchObject({ graceHours: 24, cutAt: '2026-12-25T08:00:00Z' })
  expect(cutOf(granted!)).toEqual(new Date('2026-12-25T08:00:00Z'))
  expect(answer(patient, new Date('2026-12-25T07:59:59Z'))).toBe('granted')
  expect(answer(patient, new Date('2026-12-25T08:00:00Z'))).toBe('expired')
})

test('the probe of a run gets through while it is set up, and nobody else does', () => {
  const setUp = provisioning(unready(ready()), 'Unknown')
  expect(answer(setUp, now, true)).toBe('granted')
  expect(answer(setUp)).toBe('not-ready')
  expect(answer(provisioning(unready(ready()), 'False'), now, true)).toBe('not-ready')
})

test('a term says when it began, when people are warned and when it is cut', () => {
  const simulation = readySimulation()
  play(simulation, { act: 'pass', days: 1 })
  const { granted } = bindingIn(simulation).status!
  const term = termOf({ ...granted!, cutAt: '2026-12-25T08:00:00Z' })!
  expect(term).toEqual({
    since: '2026-11-24T08:00:00.000Z',
    expiresAt: '2026-12-24T08:00:00Z',
    cutAt: '2026-12-25T08:00:00Z',
    warnings: [
      { leftPercent: 20, at: '2026-12-18T08:00:00.000Z' },
      { leftPercent: 5, at: '2026-12-22T20:00:00.000Z' },
    ],
  })
  expect(termOf(granted!)?.cutAt, 'without grace').toBe(granted!.expiresAt)
  expect(termOf({ ...granted!, expiresAt: undefined })).toBeUndefined()
  // Shortened by the tenant, it still began when it began.
  const shorter = { ...granted!, durationDays: 10, expiresAt: '2026-12-24T08:00:00Z' }
  expect(termOf(shorter)?.since).toBe('2026-11-24T08:00:00.000Z')
  const first = termOf({ ...granted!, termSince: undefined })
  expect(first?.since, 'of the first release').toBe('2026-11-24T08:00:00.000Z')

  expect(warningAt(term, new Date('2026-12-18T07:59:59Z'))).toBeUndefined()
  expect(warningAt(term, new Date('2026-12-18T08:00:00Z'))).toBe(20)
  expect(warningAt(term, new Date('2026-12-22T20:00:00Z'))).toBe(5)
  expect(warningAt(term, new Date('2026-12-24T08:00:00Z'))).toBe('grace')
})

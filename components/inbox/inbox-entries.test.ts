import { expect, test } from 'vitest'
import type { ModelBinding } from '#server/access/model/model-binding.ts'
import { bindingView } from '#server/access/views/binding-view.ts'
import { annotations } from '#server/platform/model/names.ts'
import { sampleBinding } from '#server/testing/access/sample-objects.ts'
import { inboxEntries } from './inbox-entries.ts'

const digest = `sha256:${'1'.repeat(64)}`
const all = { approve: true, revoke: true, update: true, delete: true, use: true }

function view(status: ModelBinding['status'], user: string, now: Date) {
  const binding = sampleBinding()
  const metadata = {
    ...binding.metadata,
    uid: 'u',
    generation: 1,
    annotations: { [annotations.requestedBy]: 'ada' },
  }
  return bindingView({ ...binding, metadata, status }, undefined, { user, may: all }, now)
}

test('a request waits for who may decide, and not for who asked', () => {
  const now = new Date('2026-11-26T12:00:00Z')
  const seal = { generation: 1, run: 'r', digest, changes: [], previewedAt: '2026-11-26T11:00:00Z' }
  const [waiting] = inboxEntries([view({ seal }, 'grace', now)], 'grace', now)
  expect(waiting).toMatchObject({ what: 'waiting', who: 'ada' })
  expect(inboxEntries([view({ seal }, 'ada', now)], 'ada', now)).toEqual([])
})

test('a decision is told to who asked, for a week', () => {
  const at = '2026-11-26T11:00:00Z'
  const decisions = [
    { generation: 1, decision: 'deny' as const, by: 'grace', at, comment: '', digest },
  ]
  const told = (user: string, now: Date) =>
    inboxEntries([view({ decisions }, user, now)], user, now).map(({ what, who }) => [what, who])
  expect(told('ada', new Date('2026-11-27T00:00:00Z'))).toEqual([['denied', 'grace']])
  expect(told('grace', new Date('2026-11-27T00:00:00Z'))).toEqual([])
  expect(told('ada', new Date('2026-12-27T00:00:00Z'))).toEqual([])
})

test('an end that comes near is told until it has come', () => {
  const { strategy, alias, quota } = sampleBinding().spec
  const since = '2026-01-01T00:00:00Z'
  const granted = {
    generation: 1,
    strategy,
    alias,
    durationDays: 100,
    quota,
    ring: 'stable' as const,
    digest,
    approvedBy: ['grace'],
    approvedAt: since,
    usableSince: since,
    termSince: since,
    expiresAt: '2026-04-11T00:00:00Z',
  }
  const told = (now: Date) =>
    inboxEntries([view({ granted }, 'ada', now)], 'ada', now).map(({ key, what }) => [key, what])
  expect(told(new Date('2026-03-01T00:00:00Z'))).toEqual([])
  expect(told(new Date('2026-03-23T00:00:00Z'))).toEqual([
    ['u/expiring/2026-04-11T00:00:00Z/20', 'expiring'],
  ])
  expect(told(new Date('2026-04-07T00:00:00Z'))).toEqual([
    ['u/expiring/2026-04-11T00:00:00Z/5', 'expiring'],
  ])
})

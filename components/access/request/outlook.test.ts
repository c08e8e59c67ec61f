import { expect, test } from 'vitest'
import type { Grant } from '#server/access/model/model-binding.ts'
import { bindingView } from '#server/access/views/binding-view.ts'
import { serviceView } from '#server/serving/views/service-view.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { outlookOf } from './outlook.ts'
import { bodyOf, firstDraft } from './request-draft.ts'

const now = new Date('2026-11-25T08:00:00Z')
const maxQuota = { requestsPerMinute: 60, tokensPerDay: 2_000_000, concurrency: 2 }
const object = sampleService({
  approval: { required: 2, allowSelfApproval: false, auto: { maxDurationDays: 7, maxQuota } },
})
const service = serviceView(object)
const may = { approve: false, revoke: false, update: true, delete: true, use: true }

function granted() {
  const binding = sampleBinding()
  const { modelService: _, ...wish } = binding.spec
  const grant: Grant = {
    ...wish,
    generation: 1,
    ring: 'stable',
    digest: '',
    approvedBy: ['grace'],
    approvedAt: '2026-11-24T08:00:00Z',
    usableSince: '2026-11-24T08:00:00Z',
    termSince: '2026-11-24T08:00:00Z',
    expiresAt: '2026-12-24T08:00:00Z',
  }
  return bindingView({ ...binding, status: { granted: grant } }, object, { user: 'ada', may }, now)
}

const first = bodyOf(firstDraft(service, 'research-team-a'), service)

test('a first request within the rule passes by itself, any other waits for people', () => {
  const small = { ...first, durationDays: 7, quota: maxQuota }
  expect(outlookOf(small, service, { now })).toBe('auto')
  expect(outlookOf({ ...small, durationDays: 8 }, service, { now })).toBe('people')
  const more = { ...small, quota: { ...maxQuota, concurrency: 3 } }
  expect(outlookOf(more, service, { now })).toBe('people')
})

test('less than what is granted takes effect at once; the same asks for nothing; a new term is asked for', () => {
  const binding = granted()
  const same = bodyOf(firstDraft(service, '', binding), service)
  expect(outlookOf(same, service, { binding, now })).toBe('nothing')
  expect(outlookOf({ ...same, durationDays: 20 }, service, { binding, now })).toBe('less')
  expect(outlookOf({ ...same, durationDays: 40 }, service, { binding, now })).toBe('people')
  expect(outlookOf(same, service, { binding, extend: true, now })).toBe('people')
  const week = { ...same, durationDays: 7 }
  expect(outlookOf(week, service, { binding, extend: true, now })).toBe('auto')
})

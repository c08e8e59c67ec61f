import { expect, test } from 'vitest'
import { bindingView } from '#server/access/views/binding-view.ts'
import { serviceView } from '#server/serving/views/service-view.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { bodyOf, firstDraft, type RequestDraft, withStrategy } from './request-draft.ts'

const draft: RequestDraft = {
  namespace: 'research-team-a',
  strategy: 'ExternalName',
  alias: 'vibethinker-gateway',
  purpose: 'Research',
  justification: ' why ',
  durationDays: '30',
  requestsPerMinute: '60',
  tokensPerDay: '1000000',
  concurrency: '4',
}

test("the strategy's own alias follows it, a chosen one stays", () => {
  expect(withStrategy(draft, 'EndpointSlice').alias).toBe('manual-vibe-proxy')
  expect(withStrategy({ ...draft, alias: 'mine' }, 'EndpointSlice').alias).toBe('mine')
})

test('an empty number is no zero', () => {
  const body = bodyOf({ ...draft, durationDays: ' ' }, { namespace: 's', name: 'm' })
  expect(body.durationDays).toBeNaN()
  expect(body.justification).toBe('why')
  expect(body.quota.tokensPerDay).toBe(1_000_000)
})

test('a change begins with what was granted, which may be less than was asked; a pending one with the wish', () => {
  const service = sampleService()
  const may = { approve: false, revoke: false, update: true, delete: true, use: true }
  const binding = bindingView(sampleBinding(), service, { user: 'ada', may }, new Date())
  const granted = { ...binding.asked, durationDays: 3 } as unknown as typeof binding.granted
  const less = { ...binding, granted, pending: false }
  expect(firstDraft(serviceView(service), '', less).durationDays).toBe('3')
  expect(firstDraft(serviceView(service), '', { ...less, pending: true }).durationDays).toBe('30')
})

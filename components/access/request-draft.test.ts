import { expect, test } from 'vitest'
import { bodyOf, type RequestDraft, withStrategy } from './request-draft.ts'

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

import { expect, test } from 'vitest'
import { bindingView } from '#server/access/views/binding-view.ts'
import { sampleBinding, sampleService } from '#server/testing/access/sample-objects.ts'
import { bodyOfTerms, draftOfTerms } from './terms-draft.ts'

const may = { approve: true, revoke: true, update: true, delete: true, use: true }
const binding = bindingView(sampleBinding(), sampleService(), { user: 'grace', may }, new Date())
const draft = draftOfTerms(binding)

test('the wish as it is makes no other plan', () => {
  expect(bodyOfTerms(draft, binding, '')).toEqual({ state: 'same' })
})

test('only what is less is sent, and the ring where it is another', () => {
  const offer = bodyOfTerms({ ...draft, durationDays: '7', ring: 'canary' }, binding, 'A week.')
  expect(offer).toEqual({
    state: 'offer',
    body: { generation: 1, comment: 'A week.', durationDays: 7, ring: 'canary' },
  })
  const quota = bodyOfTerms({ ...draft, concurrency: '1' }, binding, '')
  expect(quota).toMatchObject({ body: { quota: { ...binding.asked.quota, concurrency: 1 } } })
})

test('nobody is offered more than they asked, nor nothing', () => {
  for (const durationDays of ['31', '0', '1.5', 'x', '']) {
    const refused = bodyOfTerms({ ...draft, durationDays }, binding, '')
    expect(refused).toMatchObject({ state: 'invalid', field: 'durationDays' })
  }
  const few = bodyOfTerms({ ...draft, tokensPerDay: '999' }, binding, '')
  expect(few).toEqual({ state: 'invalid', field: 'tokensPerDay', min: 1000 })
})

test('an offer can be changed back to the wish', () => {
  const terms = { generation: 1, durationDays: 7, by: 'grace', at: '', comment: '' }
  const offered = { ...binding, terms }
  expect(draftOfTerms(offered).durationDays).toBe('7')
  expect(bodyOfTerms(draftOfTerms(offered), offered, '')).toEqual({ state: 'same' })
  expect(bodyOfTerms(draft, offered, '')).toEqual({
    state: 'offer',
    body: { generation: 1, comment: '' },
  })
})

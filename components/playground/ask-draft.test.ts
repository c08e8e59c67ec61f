import { expect, test } from 'vitest'
import { draftOf, problemsOf, variantOf } from './ask-draft.ts'

const binding = { namespace: 'research-team-a', name: 'vibethinker' }
const draft = draftOf(undefined)

test('every sampling value is sent, the seed only where there is one', () => {
  expect(variantOf(draft, binding, undefined).sampling).toEqual({
    temperature: 1,
    topP: 0.95,
    topK: -1,
    maxTokens: 40_960,
  })
  expect(variantOf({ ...draft, seed: '7' }, binding, 'mathematics').sampling.seed).toBe(7)
})

test.each([
  [{ temperature: '' }, 'temperature'],
  [{ temperature: '3' }, 'temperature'],
  [{ topP: '0' }, 'topP'],
  [{ topK: '0' }, 'topK'],
  [{ maxTokens: '1.5' }, 'maxTokens'],
  [{ maxTokens: '200000' }, 'maxTokens'],
  [{ seed: 'x' }, 'seed'],
])('%o cannot be sent', (change, field) => {
  expect(problemsOf('Solve x = 1.', { ...draft, ...change }, 131_072)).toEqual([field])
})

test('a question that is empty or too long cannot be sent', () => {
  expect(problemsOf(' ', draft, 131_072)).toEqual(['question'])
  expect(problemsOf('x'.repeat(200_001), draft, 131_072)).toEqual(['questionLong'])
})

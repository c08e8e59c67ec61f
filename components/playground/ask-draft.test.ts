import { expect, test } from 'vitest'
import { draftOf, problemsOf, requestOf } from './ask-draft.ts'

const binding = { namespace: 'research-team-a', name: 'vibethinker' }
const draft = { ...draftOf(undefined), prompt: 'Solve x = 1.' }

test('every sampling value is sent, the seed only where there is one', () => {
  expect(requestOf(draft, binding).sampling).toEqual({
    temperature: 1,
    topP: 0.95,
    topK: -1,
    maxTokens: 40_960,
  })
  expect(requestOf({ ...draft, seed: '7' }, binding).sampling.seed).toBe(7)
})

test('an empty role sends no system message', () => {
  expect(requestOf(draft, binding).messages).toEqual([{ role: 'user', content: 'Solve x = 1.' }])
})

test.each([
  [{ prompt: ' ' }, 'prompt'],
  [{ temperature: '' }, 'temperature'],
  [{ temperature: '3' }, 'temperature'],
  [{ topP: '0' }, 'topP'],
  [{ topK: '0' }, 'topK'],
  [{ maxTokens: '1.5' }, 'maxTokens'],
  [{ maxTokens: '200000' }, 'maxTokens'],
  [{ seed: 'x' }, 'seed'],
])('%o cannot be sent', (change, field) => {
  expect(problemsOf({ ...draft, ...change }, 131_072)).toEqual([field])
})

import { expect, test } from 'vitest'
import { draftOf, problemsOf, samplingOf, samplingWarnings, variantOf } from './ask-draft.ts'

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
  [{ repetitionPenalty: '3' }, 'repetitionPenalty'],
  [{ stop: 'a\nb\nc\nd\ne' }, 'stop'],
])('%o cannot be sent', (change, field) => {
  expect(problemsOf('Solve x = 1.', { ...draft, ...change }, 131_072)).toEqual([field])
})

test('a question that is empty or too long cannot be sent', () => {
  expect(problemsOf(' ', draft, 131_072)).toEqual(['question'])
  expect(problemsOf('x'.repeat(200_001), draft, 131_072)).toEqual(['questionLong'])
})

test('a preset’s values come back as they were kept', () => {
  const sampling = {
    temperature: 0.6,
    topP: 0.9,
    topK: 20,
    maxTokens: 16_384,
    seed: 7,
    stop: ['QED', '  '],
    repetitionPenalty: 1.05,
    repetitionDetection: true,
  }
  expect(samplingOf(draftOf({ systemPrompt: '', sampling }))).toEqual(sampling)
})

test.each([
  [{}, []],
  [{ temperature: '0' }, ['temperature']],
  [{ temperature: '1.5', maxTokens: '500' }, ['temperature', 'maxTokens']],
  [{ repetitionPenalty: '1.2', stop: 'x', seed: '1' }, ['seed', 'repetitionPenalty', 'stop']],
])('%o is warned about: %o', (change, fields) => {
  expect(samplingWarnings({ ...draft, ...change })).toEqual(fields)
})

import { expect, test } from 'vitest'
import { createAnswerMeter } from './answer-meter.ts'

test('times and tokens of an answer, as the engine counted them', () => {
  const meter = createAnswerMeter(1000)
  meter.accepted(1012)
  meter.token(1400, { reasoning: 'Let' })
  meter.counted({ promptTokens: 20, completionTokens: 1 })
  meter.token(1500, { reasoning: ' me see.' })
  meter.counted({ promptTokens: 20, completionTokens: 4 })
  meter.token(1700, { content: 'x = 2' })
  meter.counted({ promptTokens: 20, completionTokens: 9 })
  expect(meter.usage()).toEqual({
    promptTokens: 20,
    completionTokens: 9,
    reasoningTokens: 4,
    acceptedMs: 12,
    ttftMs: 400,
    decodeRate: 26.7,
  })
})

test('queue and prompt are told apart where the engine does, at the end', () => {
  const meter = createAnswerMeter(0)
  meter.counted({ promptTokens: 1, completionTokens: 1 })
  expect(meter.usage()).not.toHaveProperty('queueMs')
  meter.counted({ promptTokens: 1, completionTokens: 2, queueMs: 12.34, promptMs: 85.2 })
  expect(meter.usage()).toMatchObject({ queueMs: 12.3, promptMs: 85.2 })
})

test('what only a closing tag turns into thought is counted as such', () => {
  const meter = createAnswerMeter(0)
  meter.token(1, { content: 'Let me see.' })
  meter.counted({ promptTokens: 1, completionTokens: 5 })
  meter.token(2, { moved: true, reasoning: '!', content: '7' })
  meter.counted({ promptTokens: 1, completionTokens: 8 })
  expect(meter.usage().reasoningTokens).toBe(5)
})

test('an answer without thought claims none, and the engine’s own count goes before ours', () => {
  const plain = createAnswerMeter(0)
  plain.token(1, { content: 'x' })
  expect(plain.usage()).not.toHaveProperty('reasoningTokens')
  const said = createAnswerMeter(0)
  said.token(1, { reasoning: 'x' })
  said.counted({ promptTokens: 1, completionTokens: 9, reasoningTokens: 7 })
  expect(said.usage().reasoningTokens).toBe(7)
})

test('nothing that was not measured is told', () => {
  expect(createAnswerMeter(0).usage()).toEqual({
    promptTokens: 0,
    completionTokens: 0,
    estimated: true,
  })
})

test('a handful of tokens that came at once has no rate, and no fewer tokens are told than came', () => {
  const meter = createAnswerMeter(0)
  for (let token = 0; token < 9; token++) meter.token(10 + token / 50, { content: 'x' })
  meter.counted({ completionTokens: 4 })
  expect(meter.usage()).toEqual({ promptTokens: 0, completionTokens: 9, ttftMs: 10 })
})

test('counts that come apart are kept, and what is left out later stays', () => {
  const meter = createAnswerMeter(0)
  meter.counted({ promptTokens: 7 })
  meter.counted({ completionTokens: 5 })
  meter.counted({ promptMs: 3 })
  expect(meter.usage()).toMatchObject({ promptTokens: 7, completionTokens: 5, promptMs: 3 })
})

import { expect, test } from 'vitest'
import { completionBody } from '#server/platform/inference/model/completion-body.ts'
import { parseRequest, rewriteRequest } from './rewrite-request.ts'

const caps = { answersMax: 8, tokensLeft: 1_000_000, contextTokens: 131_072 }

function rewritten(body: object, more: Partial<typeof caps> = {}) {
  const text = JSON.stringify(body)
  const result = rewriteRequest(parseRequest(text), { ...caps, ...more })
  return { ...result, body: JSON.parse(result.body) }
}

test('what is within the caps goes on as it came, with usage asked for where it streams', () => {
  const plain = { model: 'm', messages: [{ role: 'user', content: '思' }], top_k: -1, seed: 7 }
  expect(rewritten(plain)).toEqual({ body: plain, stream: false, wantsUsage: false, answers: 1 })
  const stream_options = { continuous_usage_stats: true }
  expect(rewritten({ ...plain, stream: true, stream_options })).toMatchObject({
    body: { stream_options: { continuous_usage_stats: true, include_usage: true } },
    stream: true,
    wantsUsage: false,
  })
})

test('tokens are capped by what is left of the day, shared by all answers', () => {
  const tokensLeft = 1000
  expect(rewritten({ max_tokens: 4000, n: 4 }, { tokensLeft }).body.max_tokens).toBe(250)
  expect(rewritten({ max_completion_tokens: 4000 }, { tokensLeft }).body).toEqual({
    max_completion_tokens: 1000,
  })
  expect(rewritten({ messages: [] }, { tokensLeft }).body.max_tokens).toBe(1000)
  expect(rewritten({ messages: [] }).body.max_tokens).toBeUndefined()
  expect(rewritten({ max_tokens: 5 }, { tokensLeft: 3, answersMax: 8 }).body.max_tokens).toBe(3)
})

test('padding around the fields does not lift the cap of the day, nor does a long prompt', () => {
  const ask = (text: string) => {
    const { body } = rewriteRequest(parseRequest(text), { ...caps, tokensLeft: 1000 })
    return JSON.parse(body).max_tokens
  }
  const plain = '{"messages":[{"role":"user","content":"x"}]}'
  expect(ask(plain)).toBe(1000)
  expect(ask(' '.repeat(131_072) + plain)).toBe(1000)
  expect(
    ask(
      `{"metadata":{"a":"${'x'.repeat(60_000)}"},"user":"${'x'.repeat(60_000)}",${plain.slice(1)}`,
    ),
  ).toBe(1000)
  const long = JSON.stringify({ messages: [{ role: 'user', content: ' '.repeat(200_000) }] })
  expect(ask(long)).toBe(1000)
  expect(ask(JSON.stringify({ prompt: 'x'.repeat(1_000_000) }))).toBe(1)
})

test('answers are counted over n, best_of and prompts', () => {
  expect(rewritten({ prompt: ['a', 'b'], n: 3 }).answers).toBe(6)
  expect(rewritten({ prompt: [1, 2, 3] }).answers).toBe(1)
  expect(() => rewritten({ prompt: ['a', 'b'], best_of: 5 })).toThrow(/10 answers/)
})

test('parameters that reach beyond the answer are refused by name', () => {
  for (const name of [
    'kv_transfer_params',
    'lora_path',
    'custom_logit_processor',
    'chat_template',
    'cache_salt',
    'priority',
    'bootstrap_host',
  ]) {
    expect(() => parseRequest(`{"${name}": {}}`)).toThrow(name)
  }
  expect(() => parseRequest('{"__proto__": {"n": 9}, "n": 2}')).toThrow('__proto__')
  for (const body of ['', 'null', '[]', '"x"', '{"n": 0}', '{"n": 1.5}', '{"max_tokens": -1}']) {
    expect(() => parseRequest(body)).toThrow()
  }
})

test('every sampling value that the playground knows is let through, and so is going on with an answer', () => {
  const sampling = {
    ...{ temperature: 0.6, topP: 0.95, topK: 20, maxTokens: 100, seed: 7, stop: ['QED'] },
    ...{ repetitionPenalty: 1.05, repetitionDetection: true },
  }
  const { standard, extra } = completionBody('m', [{ role: 'user', content: 'x' }], sampling)
  const asked = {
    ...{ ...standard, ...extra },
    ...{ continue_final_message: true, add_generation_prompt: false, stream: true },
  }
  expect(rewritten(asked).body).toMatchObject(asked)
  expect(Object.keys({ ...standard, ...extra })).toEqual(
    expect.arrayContaining(['top_k', 'seed', 'stop', 'repetition_penalty', 'repetition_detection']),
  )
})

test('a body of any depth is passed on or refused with words', () => {
  const nested = (depth: number) => `{"tools":${'['.repeat(depth)}${']'.repeat(depth)}}`
  const sent = (text: string) => rewriteRequest(parseRequest(text), caps).body
  expect(JSON.parse(sent(nested(60)))).toEqual(JSON.parse(nested(60)))
  expect(() => sent(nested(500_000))).toThrow(/nested too deeply/)
})

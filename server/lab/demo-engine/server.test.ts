import type OpenAI from 'openai'
import { expect, test } from 'vitest'
import { ask, model, sceneOfEngines } from '#server/testing/demo-engine-fixture.ts'
import { countTokens } from './tokenize.ts'

const scene = sceneOfEngines()
const { post } = scene

test('the OpenAI client gets a solved equation and a true count of its tokens', async () => {
  const answer = await scene.client.chat.completions.create({
    ...ask('Solve x^2 - 5x + 6 = 0'),
    seed: 7,
  })
  const text = answer.choices[0]?.message.content ?? ''
  expect(text.startsWith('<think>\n')).toBe(true)
  expect(text).toContain('\\boxed{x = 2 \\text{ or } x = 3}')
  expect(answer.choices[0]?.finish_reason).toBe('stop')
  expect(answer.usage?.completion_tokens).toBe(countTokens(text))
  expect((await scene.client.models.list()).data.map(({ id }) => id)).toEqual([model])
})

test('streaming gives the same text as not streaming, interleaves choices and ends with usage', async () => {
  const request = { ...ask('Solve x^2 - 7x + 12 = 0'), seed: 7, n: 3 }
  const whole = await scene.client.chat.completions.create(request)
  const stream = await scene.client.chat.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  })
  const texts = ['', '', '']
  const order: number[] = []
  const finishes: string[] = []
  let last: OpenAI.ChatCompletionChunk | undefined
  for await (const chunk of stream) {
    last = chunk
    for (const { index, delta, finish_reason } of chunk.choices) {
      texts[index] += delta.content ?? ''
      order.push(index)
      if (finish_reason) finishes.push(finish_reason)
    }
  }
  expect(texts).toEqual(whole.choices.map(({ message }) => message.content))
  expect(new Set(texts).size).toBe(3)
  expect(order.slice(6, 12)).toEqual([0, 1, 2, 0, 1, 2])
  expect(finishes).toEqual(['stop', 'stop', 'stop'])
  expect(last?.choices).toEqual([])
  const counted = texts.reduce((sum, text) => sum + countTokens(text), 0)
  expect(last?.usage?.completion_tokens).toBe(counted)
  // What would be true of only one of them is not told.
  expect(last).not.toHaveProperty('metrics')
})

test('how long one answer waited, and how long its prompt took, come with the usage', async () => {
  const stream = await scene.client.chat.completions.create({
    ...ask('Solve x + 1 = 3'),
    stream: true,
    stream_options: { include_usage: true },
  })
  let last: OpenAI.ChatCompletionChunk | undefined
  for await (const chunk of stream) last = chunk
  expect(last).toMatchObject({
    usage: { completion_tokens: expect.any(Number) },
    metrics: { queue_time_ms: expect.any(Number), time_to_first_token_ms: expect.any(Number) },
  })
})

test('at temperature 0 every answer is the same, seed or no seed', async () => {
  const request = { ...ask('Solve x^2 - 7x + 12 = 0'), n: 2, temperature: 0 }
  const greedy = [
    await scene.client.chat.completions.create(request),
    await scene.client.chat.completions.create(request),
  ].flatMap(({ choices }) => choices.map(({ message }) => message.content))
  expect(new Set(greedy).size).toBe(1)
})

test('a stop string ends the text before it, across the borders of tokens', async () => {
  const stop = ['boxed{x ='] as [string]
  const stream = await scene.client.chat.completions.create({
    ...ask('Solve x + 1 = 3'),
    stop,
    stream: true,
  })
  let text = ''
  let finish: string | null | undefined
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? ''
    finish = choices[0]?.finish_reason ?? finish
  }
  expect(text.endsWith('$$\n\\')).toBe(true)
  expect(finish).toBe('stop')
})

test('reasoning has a field of its own where asked for; cut while thinking there is no content', async () => {
  const message = async (max_tokens: number) => {
    const { body } = await post(
      '/v1/chat/completions',
      { ...ask('1+1'), max_tokens },
      scene.slow.url,
    )
    return body
  }
  const cut = await message(6)
  expect(cut.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: null } })
  expect(cut.choices[0].message.reasoning.length).toBeGreaterThan(3)
  expect(cut.usage.completion_tokens).toBe(6)
})

test('a thinking budget shortens the thoughts, not the answer', async () => {
  const { body } = await post('/v1/chat/completions', {
    ...ask('Solve x + 1 = 3'),
    thinking_token_budget: 5,
  })
  const [thinking, content] = body.choices[0].message.content.split('</think>')
  expect(countTokens(thinking)).toBeLessThan(12)
  expect(content).toContain('\\boxed{x = 2}')
})

test('completions take several prompts, echo them and default to 16 tokens', async () => {
  const answer = await scene.client.completions.create({
    model,
    prompt: ['2+2', '3+3'],
    echo: true,
  })
  expect(answer.choices.map(({ index }) => index)).toEqual([0, 1])
  expect(answer.choices.map(({ text }) => text.slice(0, 10))).toEqual(['2+2<think>', '3+3<think>'])
  expect(answer.usage?.completion_tokens).toBe(32)
})

const refused: [string, unknown, number, string][] = [
  ['no JSON', '{', 400, 'not valid JSON'],
  ['no object', '[]', 400, ''],
  ['no messages', { messages: [] }, 400, 'messages'],
  ['a wrong type', { ...ask('1+1'), temperature: 'hot' }, 400, 'temperature'],
  ['n of zero', { ...ask('1+1'), n: 0 }, 400, 'n:'],
  ['an empty stop', { ...ask('1+1'), stop: '' }, 400, 'stop'],
  ['logprobs', { ...ask('1+1'), logprobs: true }, 400, 'logprobs'],
  ['tools', { ...ask('1+1'), tools: [{}] }, 400, 'tools'],
  ['an unknown model', { ...ask('1+1'), model: 'gpt' }, 404, 'does not exist'],
  ['too many tokens', { ...ask('1+1'), max_tokens: 200_000 }, 400, 'maximum context length'],
  ['a large body', 'x'.repeat(2 * 1024 * 1024 + 1), 413, '2 MB'],
]

test.each(refused)('%s is refused in the shape of vLLM', async (_, body, status, message) => {
  const answer = await post('/v1/chat/completions', body)
  expect(answer.status).toBe(status)
  expect(answer.body.error.code).toBe(status)
  expect(answer.body.error.message).toContain(message)
})

test('unknown paths and methods are refused', async () => {
  expect((await fetch(`${scene.engine.url}/nothing`)).status).toBe(404)
  const wrong = await fetch(`${scene.engine.url}/v1/chat/completions`)
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST'])
})

test('the benchmark gives exactly the tokens that were asked for', async () => {
  const { body } = await post('/v1/chat/completions', { ...ask('#bench:5000'), max_tokens: 5000 })
  const text = body.choices[0].message.content
  expect(body.usage.completion_tokens).toBe(5000)
  expect(countTokens(text)).toBe(5000)
  expect(body.choices[0].finish_reason).toBe('length')
  expect(text).toContain('\\frac')
})

test('a begun answer is gone on with: not said twice, and not thought to its end where that was closed', async () => {
  const question = ask('Solve x^2 - 5x + 6 = 0')
  const goOn = async (begun: string) => {
    const { body } = await post('/v1/chat/completions', {
      model,
      messages: [...question.messages, { role: 'assistant', content: begun }],
      seed: 7,
      continue_final_message: true,
      add_generation_prompt: false,
    })
    return String(body.choices[0].message.content)
  }
  const { body } = await post('/v1/chat/completions', { ...question, seed: 7 })
  const whole = String(body.choices[0].message.content)
  for (const at of [30, whole.indexOf('</think>') + 20]) {
    expect(whole.slice(0, at) + (await goOn(whole.slice(0, at)))).toBe(whole)
  }
  const answer = whole.slice(whole.indexOf('</think>') + '</think>'.length)
  expect(await goOn('<think>\nOkay, I need\n</think>\n\n')).toBe(answer.trimStart())
  expect(
    await post('/v1/chat/completions', { ...question, continue_final_message: true }),
  ).toMatchObject({ status: 400 })
})

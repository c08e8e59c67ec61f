import { request as httpRequest } from 'node:http'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type RunningEngine, startEngine } from './server.ts'
import { countTokens } from './tokenize.ts'

const model = 'bindery/demo-solver'
let engine: RunningEngine
let slow: RunningEngine
let client: OpenAI

beforeAll(async () => {
  const base = { port: 0, solverThreads: 1, firstTokenDelayMs: 0 }
  engine = await startEngine({ ...base, tokensPerSecond: 0, faults: true })
  slow = await startEngine({
    ...base,
    tokensPerSecond: 50,
    slotsMax: 2,
    reasoningField: 'reasoning',
  })
  client = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: 'none', maxRetries: 0 })
}, 30_000)

afterAll(async () => {
  await Promise.all([engine.close(), slow.close()])
})

function ask(content: string) {
  return { model, messages: [{ role: 'user' as const, content }] }
}

async function post(path: string, body: unknown, base = engine.url) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(base + path, { method: 'POST', body: text })
  return { status: response.status, body: await response.json() }
}

/** The value of a metric, by the beginning of its line. */
async function metric(base: string, name: string): Promise<number> {
  const text = await (await fetch(`${base}/metrics`)).text()
  const line = text.split('\n').find((row) => row.startsWith(name))
  return Number(line?.split(' ').at(-1))
}

test('the OpenAI client gets a solved equation and a true count of its tokens', async () => {
  const answer = await client.chat.completions.create({ ...ask('Solve x^2 - 5x + 6 = 0'), seed: 7 })
  const text = answer.choices[0]?.message.content ?? ''
  expect(text.startsWith('<think>\n')).toBe(true)
  expect(text).toContain('\\boxed{x = 2 \\text{ or } x = 3}')
  expect(answer.choices[0]?.finish_reason).toBe('stop')
  expect(answer.usage?.completion_tokens).toBe(countTokens(text))
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual([model])
})

test('streaming gives the same text as not streaming, interleaves choices and ends with usage', async () => {
  const request = { ...ask('Solve x^2 - 7x + 12 = 0'), seed: 7, n: 3 }
  const whole = await client.chat.completions.create(request)
  const stream = await client.chat.completions.create({
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
  const stream = await client.chat.completions.create({
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
    await client.chat.completions.create(request),
    await client.chat.completions.create(request),
  ].flatMap(({ choices }) => choices.map(({ message }) => message.content))
  expect(new Set(greedy).size).toBe(1)
})

test('a stop string ends the text before it, across the borders of tokens', async () => {
  const stop = ['boxed{x ='] as [string]
  const stream = await client.chat.completions.create({
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
    const { body } = await post('/v1/chat/completions', { ...ask('1+1'), max_tokens }, slow.url)
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
  const answer = await client.completions.create({ model, prompt: ['2+2', '3+3'], echo: true })
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
  expect((await fetch(`${engine.url}/nothing`)).status).toBe(404)
  const wrong = await fetch(`${engine.url}/v1/chat/completions`)
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

test('tokens never come faster than their rate', async () => {
  const begun = performance.now()
  await post('/v1/chat/completions', { ...ask('#bench'), max_tokens: 26 }, slow.url)
  // 25 gaps of 20 ms; an upper bound would only measure how busy the machine is.
  expect(performance.now() - begun).toBeGreaterThanOrEqual(499)
  const gaps = await metric(slow.url, 'vllm:inter_token_latency_seconds_sum')
  expect(gaps).toBeGreaterThan(0.4)
})

test('a caller who leaves frees the slot within milliseconds, streaming or not, running or waiting', async () => {
  for (const stream of [true, false]) {
    const gone = new AbortController()
    const calls = [1, 2, 3].map(() =>
      fetch(`${slow.url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ ...ask('#bench'), stream }),
        signal: gone.signal,
      }).then(
        (response) => response.text(),
        (error: Error) => error.name,
      ),
    )
    await vi.waitFor(async () => {
      expect(await metric(slow.url, 'vllm:num_requests_running')).toBe(2)
      expect(await metric(slow.url, 'vllm:num_requests_waiting')).toBe(1)
    }, 30_000)
    gone.abort()
    await Promise.allSettled(calls)
    await vi.waitFor(
      async () => {
        expect(await metric(slow.url, 'vllm:num_requests_running')).toBe(0)
        expect(await metric(slow.url, 'vllm:num_requests_waiting')).toBe(0)
      },
      { interval: 5, timeout: 30_000 },
    )
  }
  expect(await metric(slow.url, 'vllm:request_success_total{finished_reason="abort"')).toBe(6)
})

test('the raw routes pause the engine and let it go on', async () => {
  expect((await post('/pause', {})).status).toBe(200)
  const answer = post('/invocations', ask('1+1'))
  await vi.waitFor(
    async () => expect(await metric(engine.url, 'vllm:num_requests_running')).toBe(1),
    30_000,
  )
  expect(await (await fetch(`${engine.url}/is_paused`)).json()).toEqual({ is_paused: true })
  await post('/resume', {})
  expect((await answer).body.choices[0].message.content).toContain('\\boxed{2}')
  expect((await post('/tokenize', { prompt: 'one two' })).body.count).toBe(2)
})

test('faults are acted out where they are allowed, and are plain text elsewhere', async () => {
  await expect(
    fetch(`${engine.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ ...ask('#break:5 Solve x = 1'), stream: true }),
    }).then((response) => response.text()),
  ).rejects.toThrow()
  const broken = await fetch(`${engine.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ ...ask('#error:5 Solve x = 1'), stream: true }),
  })
  expect(await broken.text()).toContain('data: {"error":{"message":"EngineCore')
  const { body } = await post('/v1/chat/completions', { ...ask('#loop'), max_tokens: 500 })
  expect(body.choices[0].message.content.match(/verify that again/g).length).toBeGreaterThan(10)
  const plain = await post('/v1/chat/completions', { ...ask('#break:1'), max_tokens: 3 }, slow.url)
  expect(plain.status).toBe(200)
})

test('a problem that takes too long gets an answer that says so, and the next one is solved', async () => {
  const hasty = await startEngine({
    port: 0,
    solverThreads: 1,
    tokensPerSecond: 0,
    solveTimeoutMs: 300,
  })
  try {
    // Two primes of twenty digits: some seconds of steps in vain, ten times the limit.
    const hard = 'Factor 1000000000000000005490000000000000001989'
    const slowly = await post('/v1/chat/completions', ask(hard), hasty.url)
    expect(slowly.body.choices[0].message.content).toContain(
      'could not finish this problem within 0.3',
    )
    // No polling: the next request has to wait for the fresh thread, and is then answered.
    const next = await post('/v1/chat/completions', ask('1+1'), hasty.url)
    expect(next.body.choices[0].message.content).toContain('\\boxed{2}')
  } finally {
    await hasty.close()
  }
}, 30_000)

/** A stream that is known to run: its headers are there, its end is not. */
async function startStream(base: string, tokens: number): Promise<Response> {
  return fetch(`${base}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ ...ask('#bench'), max_tokens: tokens, stream: true }),
  })
}

test('closing lets a running answer finish and refuses new callers meanwhile', async () => {
  const draining = await startEngine({ port: 0, solverThreads: 1, tokensPerSecond: 100 })
  const stream = await startStream(draining.url, 100)
  const closed = draining.close(60_000)
  const refusedNow = await new Promise<string>((resolve) => {
    httpRequest(`${draining.url}/health`, { agent: false })
      .on('error', (error) => resolve(error.message))
      .on('response', () => resolve('answered'))
      .end()
  })
  expect(refusedNow).toContain('ECONNREFUSED')
  const text = await stream.text()
  // A role, a hundred tokens, and the end.
  expect(text.match(/^data: /gm)).toHaveLength(102)
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  await closed
}, 30_000)

test('closing cuts off what does not finish in time', async () => {
  const draining = await startEngine({ port: 0, solverThreads: 1, tokensPerSecond: 100 })
  const stream = await startStream(draining.url, 100_000)
  await draining.close(50)
  await expect(stream.text()).rejects.toThrow()
}, 30_000)

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

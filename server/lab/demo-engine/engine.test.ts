import { request as httpRequest } from 'node:http'
import { expect, test, vi } from 'vitest'
import { ask, sceneOfEngines } from '#server/testing/demo-engine-fixture.ts'
import { startEngine } from './server.ts'

const scene = sceneOfEngines()
const { post } = scene

/** The value of a metric, by the beginning of its line. */
async function metric(base: string, name: string): Promise<number> {
  const text = await (await fetch(`${base}/metrics`)).text()
  const line = text.split('\n').find((row) => row.startsWith(name))
  return Number(line?.split(' ').at(-1))
}

test('tokens never come faster than their rate', async () => {
  const begun = performance.now()
  await post('/v1/chat/completions', { ...ask('#bench'), max_tokens: 26 }, scene.slow.url)
  // 25 gaps of 20 ms; an upper bound would only measure how busy the machine is.
  expect(performance.now() - begun).toBeGreaterThanOrEqual(499)
  const gaps = await metric(scene.slow.url, 'vllm:inter_token_latency_seconds_sum')
  expect(gaps).toBeGreaterThan(0.4)
})

test('a caller who leaves frees the slot within milliseconds, streaming or not, running or waiting', async () => {
  for (const stream of [true, false]) {
    const gone = new AbortController()
    const calls = [1, 2, 3].map(() =>
      fetch(`${scene.slow.url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ ...ask('#bench'), stream }),
        signal: gone.signal,
      }).then(
        (response) => response.text(),
        (error: Error) => error.name,
      ),
    )
    await vi.waitFor(async () => {
      expect(await metric(scene.slow.url, 'vllm:num_requests_running')).toBe(2)
      expect(await metric(scene.slow.url, 'vllm:num_requests_waiting')).toBe(1)
    }, 30_000)
    gone.abort()
    await Promise.allSettled(calls)
    await vi.waitFor(
      async () => {
        expect(await metric(scene.slow.url, 'vllm:num_requests_running')).toBe(0)
        expect(await metric(scene.slow.url, 'vllm:num_requests_waiting')).toBe(0)
      },
      { interval: 5, timeout: 30_000 },
    )
  }
  expect(await metric(scene.slow.url, 'vllm:request_success_total{finished_reason="abort"')).toBe(6)
})

test('the raw routes pause the engine and let it go on', async () => {
  expect((await post('/pause', {})).status).toBe(200)
  const answer = post('/invocations', ask('1+1'))
  await vi.waitFor(
    async () => expect(await metric(scene.engine.url, 'vllm:num_requests_running')).toBe(1),
    30_000,
  )
  expect(await (await fetch(`${scene.engine.url}/is_paused`)).json()).toEqual({ is_paused: true })
  await post('/resume', {})
  expect((await answer).body.choices[0].message.content).toContain('\\boxed{2}')
  expect((await post('/tokenize', { prompt: 'one two' })).body.count).toBe(2)
})

test('faults are acted out where they are allowed, and are plain text elsewhere', async () => {
  await expect(
    fetch(`${scene.engine.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ ...ask('#break:5 Solve x = 1'), stream: true }),
    }).then((response) => response.text()),
  ).rejects.toThrow()
  const broken = await fetch(`${scene.engine.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ ...ask('#error:5 Solve x = 1'), stream: true }),
  })
  expect(await broken.text()).toContain('data: {"error":{"message":"EngineCore')
  const { body } = await post('/v1/chat/completions', { ...ask('#loop'), max_tokens: 500 })
  expect(body.choices[0].message.content.match(/verify that again/g).length).toBeGreaterThan(10)
  const said = await post('/v1/chat/completions', ask('#say\n```js\nf()\n```'))
  expect(said.body.choices[0].message.content).toBe('```js\nf()\n```')
  const plain = await post(
    '/v1/chat/completions',
    { ...ask('#break:1'), max_tokens: 3 },
    scene.slow.url,
  )
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
})

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

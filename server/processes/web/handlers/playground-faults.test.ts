import { expect, test, vi } from 'vitest'
import { readyBinding, scene } from '#server/testing/gateway/gateway-fixture.ts'
import {
  chunk,
  playgroundBefore,
  questionBody,
  startPlayedEngine,
  theEnd,
} from '#server/testing/web/playground-fixture.ts'

const generous = { requestsPerMinute: 600, tokensPerDay: 1_000_000, concurrency: 8 }

async function playground(quota = generous) {
  const engine = await startPlayedEngine()
  const { cluster, gateway } = await scene({ inferenceUrl: engine.url })
  cluster.users.add('ada')
  cluster.put('modelbindings', readyBinding('research-team-a', { quota }))
  return { engine, cluster, ...(await playgroundBefore(cluster.kubeconfig, gateway.url)) }
}

const half = chunk({ content: 'half' })

test.each([
  ['sends events that are none', 'data: {"choices": 7}\n\n', 'gateway.malformed'],
  ['sends no JSON', 'data: <html>\n\n', 'gateway.malformed'],
  ['reports an error', 'data: {"error": {"message": "out of memory", "code": 500}}\n\n', undefined],
])(
  'an engine that %s in mid-answer: it is said, and what came before stays',
  async (_, bytes, key) => {
    const { engine, ask, read, web } = await playground()
    engine.plays((response) => response.end(half + bytes))
    const asked = await ask({ text: 'One' })
    const [answer] = await read(asked)
    expect(answer).toMatchObject({ content: 'half', end: { state: 'failed' } })
    expect(answer?.end?.error).toMatchObject(key ? { key } : { message: 'out of memory' })
    const { id = '' } = asked.generations[0] ?? {}
    const texts = await vi.waitUntil(async () => {
      const found = await web.state.store.textsOf([id])
      return found.get(id)
    })
    expect(texts).toMatchObject({ content: 'half', error: answer?.end?.error })
  },
)

test('an engine that breaks off can be gone on with', async () => {
  const { engine, ask, read, json } = await playground()
  engine.plays(
    (response) => response.write(half, () => response.destroy()),
    (response) => response.end(`${chunk({ content: ' and half' })}${theEnd}`),
  )
  const asked = await ask({ text: 'One' })
  const [broken] = await read(asked)
  expect(broken).toMatchObject({
    content: 'half',
    end: { state: 'failed', error: { key: 'gateway.engine_broke_off' } },
  })
  const path = `/api/generations/${asked.generations[0]?.id}/continue`
  const [whole] = await read(await json<typeof asked>('POST', path, {}))
  expect(whole).toMatchObject({ content: 'half and half', end: { state: 'done' } })
})

test('an engine that heeds no budget is stopped', async () => {
  const { engine, ask, read } = await playground()
  engine.plays((response) => {
    const more = setInterval(() => response.write(chunk({ content: 'x' }).repeat(50)), 1)
    response.on('close', () => clearInterval(more))
  })
  const [answer] = await read(await ask({ text: 'One' }))
  expect(answer?.end).toMatchObject({ state: 'stopped', finishReason: 'overrun' })
  expect(answer?.content.length).toBeGreaterThanOrEqual(100)
  expect(answer?.content.length).toBeLessThan(1000)
  await vi.waitFor(() => expect(engine.closed()).toBe(1), 30_000)
})

test.each([
  ['requests of a minute', { ...generous, requestsPerMinute: 1 }, 'rate_limit_exceeded', 1],
  ['answers at once', { ...generous, concurrency: 1 }, 'concurrency_exceeded', 1],
  ['tokens of a day', { ...generous, tokensPerDay: 1 }, 'tokens_per_day_exceeded', 1],
])('%s that are used up: how many, and when again', async (_, quota, code, limit) => {
  const { engine, ask, read } = await playground(quota)
  const answer = `${half}data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 4, completion_tokens: 4 } })}\n\n`
  engine.plays((response) => {
    response.write(answer)
    if (code !== 'concurrency_exceeded') response.end(theEnd)
  })
  const first = await ask({ text: 'One' })
  if (code === 'concurrency_exceeded')
    await vi.waitFor(() => expect(engine.asked).toHaveLength(1), 30_000)
  else await read(first)
  const [refused] = await read(await ask({ text: 'Two' }))
  expect(refused?.end).toMatchObject({
    state: 'failed',
    error: {
      code: 'quota-exhausted',
      key: `gateway.${code}`,
      values: { limit },
      retryAfterSeconds: expect.any(Number),
    },
  })
})

test('access that is revoked in mid-answer ends it in words, and keeps what was written', async () => {
  const { engine, cluster, ask, read } = await playground()
  engine.plays((response) => response.write(half))
  const reading = read(await ask({ text: 'One' }))
  await vi.waitFor(() => expect(engine.asked).toHaveLength(1), 30_000)
  const binding = readyBinding('research-team-a')
  const end = {
    reason: 'Revoked',
    by: 'grace',
    comment: '',
    at: '2026-11-24T08:00:00Z',
    generation: 1,
  }
  cluster.put('modelbindings', { ...binding, status: { ...binding.status, end } } as typeof binding)
  const [answer] = await reading
  expect(answer).toMatchObject({
    content: 'half',
    end: { state: 'failed', error: { key: 'gateway.binding_ended' } },
  })
  await vi.waitFor(() => expect(engine.closed()).toBe(1), 30_000)
})

test('half a pair of surrogates and NUL, typed or answered, break nothing', async () => {
  const { engine, ask, read, conversation } = await playground()
  // The escapes stand in the JSON as an engine that cuts by code unit would write them.
  const pieces = ['a\\ud83d', '\\ude00b', '\\ud83d', 'c\\u0000'].map((text) =>
    chunk({ content: '*' }).replace('*', text),
  )
  engine.plays((response) => response.end(pieces.join('') + theEnd))
  const asked = await ask({ text: 'x\ud83d = \0' })
  expect(await read(asked)).toMatchObject([
    { content: 'a😀b\ufffdc\ufffd', end: { state: 'done' } },
  ])
  expect(engine.asked[0]?.messages.at(-1)?.content).toBe('x\ufffd = \ufffd')
  const { questions } = await conversation(asked.conversation.id)
  expect(questions[0]?.text).toBe('x\ufffd = \ufffd')
})

test('what is too large is refused in words, and 200,000 Chinese characters are not', async () => {
  const { engine, ask, read, call } = await playground()
  const long = await call('POST', '/api/generations', questionBody({ text: 'x'.repeat(2_097_152) }))
  expect([long.status, await long.json()]).toMatchObject([413, { error: { code: 'too-large' } }])
  const longer = await call('POST', '/api/generations', questionBody({ text: 'x'.repeat(200_001) }))
  expect([longer.status, await longer.json()]).toMatchObject([
    400,
    { error: { fields: [{ field: expect.stringContaining('question') }] } },
  ])
  engine.plays((response) => response.end(half + theEnd))
  const [answer] = await read(await ask({ text: '数'.repeat(200_000) }))
  expect(answer?.end?.state).toBe('done')
})

import { createServer } from 'node:http'
import { connect } from 'node:net'
import OpenAI from 'openai'
import { expect, onTestFinished, test } from 'vitest'
import {
  ask,
  bearer,
  codeOf,
  question,
  readyBinding,
  running,
  scene,
  teamA,
  tokenOf,
  until,
  web,
} from '#server/testing/gateway/gateway-fixture.ts'

test('only three paths get through, byte for byte', async () => {
  const { gateway } = await scene()
  const { hostname, port } = new URL(gateway.url)
  const statusOf = (line: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      const token = tokenOf(teamA)
      socket.write(
        `${line} HTTP/1.1\r\nHost: any.alias\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      )
      let text = ''
      socket.on('data', (chunk) => (text += chunk))
      socket.on('end', () => resolve(text.split(' ')[1] ?? ''))
      socket.on('error', reject)
    })
  expect(await statusOf('GET /v1/models')).toBe('200')
  expect(await statusOf('GET /v1/models?x=1')).toBe('200')
  for (const path of [
    '/pause',
    '/tokenize',
    '/metrics',
    '/invocations',
    '/health',
    '//v1/models',
    '/v1/../pause',
    '/v1/%2e%2e/pause',
    '/v1/models/',
    '/v1/models/..%2fpause',
    '/v1/models/../../pause',
    '/V1/models',
    '/',
    '/v1%2Fmodels',
    'http://x/v1/models',
    '/v1/models#x',
    '/constructor',
  ]) {
    expect([path, await statusOf(`GET ${path}`)]).toEqual([path, '404'])
    expect([path, await statusOf(`POST ${path}`)]).toEqual([path, '404'])
  }
  expect(await statusOf('POST /v1/models')).toBe('405')
  expect(await statusOf('GET /v1/chat/completions')).toBe('405')
})

test('bad bodies: no JSON, too large, other types, other parameters', async () => {
  const { gateway } = await scene()
  const said = async (body: string | object, headers = {}) =>
    codeOf(await ask(gateway.url, body, { ...bearer(tokenOf(teamA)), ...headers }))
  expect(await said('{"model":')).toBe('400 invalid_request')
  expect(await said('[]')).toBe('400 invalid_request')
  expect(await said(question('x', { kv_transfer_params: {} }))).toBe('400 invalid_request')
  expect(await said(question('x', { stream: 'yes' }))).toBe('400 invalid_request')
  expect(await said(question('x', { n: 3 }))).toBe('400 invalid_request')
  expect(await said(question('x'), { 'content-type': 'text/plain' })).toBe(
    '400 unsupported_media_type',
  )
  expect(await said(question('x'.repeat(2 * 1024 * 1024)))).toBe('413 too_large')
  const endless = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...bearer(tokenOf(teamA)), 'content-type': 'application/json' },
    body: new Blob(['x'.repeat(3 * 1024 * 1024)]).stream(),
    duplex: 'half',
  } as RequestInit)
  expect(await codeOf(endless)).toBe('413 too_large')
  // Refused by the engine, in the engine's words.
  expect(await said({ ...question(), model: 'other' })).toBe('404 404')
})

test('quotas: each says when to come again', async () => {
  const quota = { requestsPerMinute: 2, tokensPerDay: 1000, concurrency: 1 }
  const { gateway, cluster, engine, store } = await scene({ database: true })
  cluster.put(
    'modelbindings',
    readyBinding('research-team-a', { quota: { ...quota, requestsPerMinute: 100 } }),
  )
  await until(async () => (await ask(gateway.url, question('x', { n: 2 }))).status === 400)
  const first = ask(gateway.url, question('#bench:500', { stream: true }))
  await until(async () => (await running(engine.url)) === 1)
  const second = await ask(gateway.url, question())
  expect(second.headers.get('retry-after')).toBe('1')
  expect(await codeOf(second)).toBe('429 concurrency_exceeded')
  await (await first).text()

  // The rest of the day caps an answer; then nothing is left.
  const capped = await (
    await ask(gateway.url, question('#bench:9000', { max_tokens: 9000 }))
  ).json()
  expect(capped.usage.completion_tokens).toBeLessThan(500)
  expect(capped.choices[0].finish_reason).toBe('length')
  const third = await ask(gateway.url, question())
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await codeOf(third)).toBe('429 tokens_per_day_exceeded')

  await store?.ping()
  const wide = { ...quota, tokensPerDay: 1_000_000 }
  cluster.put('modelbindings', readyBinding('research-team-a', { quota: wide }))
  await until(async () => {
    const answer = await ask(gateway.url, question())
    const soon = Number(answer.headers.get('retry-after')) <= 60
    return answer.status === 429 && soon && (await codeOf(answer)) === '429 rate_limit_exceeded'
  })
})

test('the engine gets nothing of the caller but the request', async () => {
  const seen: Record<string, unknown>[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    seen.push({ ...request.headers, url: request.url, body: JSON.parse(body) })
    response.setHeader('set-cookie', 'a=b')
    response.writeHead(200, { 'content-type': 'application/json', server: 'vllm' })
    response.end('{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { gateway } = await scene({ inferenceUrl: `http://127.0.0.1:${port}/base/v1/` })
  const answer = await ask(gateway.url, question('x', { stream: true }), {
    ...bearer(tokenOf(teamA)),
    cookie: 'session=1',
    'x-bindery-binding': 'research-team-a/vibethinker',
    'x-forwarded-for': '1.2.3.4',
    'x-request-id': 'chosen-by-the-tenant',
  })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(answer.headers.get('server')).toBeNull()
  const [{ url, body, ...headers } = {}] = seen
  expect(url).toBe('/base/v1/chat/completions')
  expect(body).toMatchObject({ stream_options: { include_usage: true } })
  expect(Object.keys(headers).sort()).toEqual(
    ['accept', 'connection', 'content-length', 'content-type', 'host', 'x-request-id'].sort(),
  )
  const told = answer.headers.get('x-request-id')
  expect(told).toMatch(/^[0-9a-f-]{36}$/)
  expect(headers['x-request-id']).toMatch(new RegExp(`^${told}-[0-9a-f]{8}$`))

  // Several answers come of one request of our web: its number is kept, and each has an ending of its own.
  const speaking = {
    ...bearer(tokenOf(web)),
    'x-bindery-binding': 'research-team-a/vibethinker',
    'x-request-id': 'number-of-the-web',
  }
  const answers = [question(), question()].map((one) => ask(gateway.url, one, speaking))
  for (const one of await Promise.all(answers)) {
    expect(one.headers.get('x-request-id')).toBe('number-of-the-web')
  }
  const passed = seen.slice(1).map((one) => String(one['x-request-id']))
  expect(new Set(passed).size).toBe(2)
  for (const one of passed) expect(one).toMatch(/^number-of-the-web-[0-9a-f]{8}$/)
})

test('an engine that is down, breaks off, or fails in the middle', async () => {
  const away = await scene({ inferenceUrl: 'http://127.0.0.1:1' })
  expect(await codeOf(await ask(away.gateway.url, question()))).toBe('502 engine_unreachable')

  const { gateway } = await scene()
  const broken = await ask(gateway.url, question('#break:5 1+1', { stream: true }))
  expect(await broken.text()).toMatch(/data: {"error":{.*"code":"engine_broke_off"}}\n\n$/)
  expect(await codeOf(await ask(gateway.url, question('#break:5 1+1')))).toBe('502 no_answer')
  const failed = await ask(gateway.url, question('#error:5 1+1', { stream: true }))
  expect(await failed.text()).toMatch(/data: {"error":{.*}}\n\ndata: \[DONE\]\n\n$/)
  expect((await ask(gateway.url, question('#error:5 1+1'))).status).toBe(500)
})

test("OpenAI's own client works through it", async () => {
  const { gateway } = await scene()
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: tokenOf(teamA), maxRetries: 0 })
  const models = await client.models.list()
  expect(models.data.map(({ id }) => id)).toEqual(['bindery/demo-solver'])
  const stream = await client.chat.completions.create({
    model: 'bindery/demo-solver',
    messages: [{ role: 'user', content: 'What is 6 * 7?' }],
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  let tokens = 0
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    tokens = chunk.usage?.completion_tokens ?? tokens
  }
  expect(text).toContain('42')
  expect(tokens).toBeGreaterThan(0)
  const legacy = await client.completions.create({
    model: 'bindery/demo-solver',
    prompt: '1+1',
    max_tokens: 5,
  })
  expect(legacy.usage?.completion_tokens).toBe(5)
})

test('what an engine says of our own key, or sends somewhere else, is no answer to a caller', async () => {
  let status = 0
  const server = createServer((_, response) => {
    const headers = { 'content-type': 'application/json', location: 'http://127.0.0.1:1/' }
    response.writeHead(status, headers).end('{"error":{"message":"the key of ours"}}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('not listening')
  const { gateway } = await scene({ inferenceUrl: `http://127.0.0.1:${address.port}` })
  for (status of [401, 403, 307]) {
    const answer = await ask(gateway.url, question())
    const text = await answer.text()
    expect([status, answer.status, text.includes('key of ours')]).toEqual([status, 502, false])
  }
})

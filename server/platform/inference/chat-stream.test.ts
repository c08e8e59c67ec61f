import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { AppError } from '#server/platform/model/errors.ts'
import { type ChatPart, streamChat } from './chat-stream.ts'
import { createGatewayClient, listModels } from './gateway-client.ts'

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

const question = {
  model: 'm',
  messages: [{ role: 'user' as const, content: 'Solve x + 1 = 2' }],
  sampling: { temperature: 1, topP: 0.95, topK: -1, maxTokens: 100 },
}

async function serve(handler: Handler) {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    handler(request, response, body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('not listening')
  const client = createGatewayClient(`http://127.0.0.1:${address.port}`, async () => 'our-token')
  onTestFinished(async () => {
    await client.agent.destroy()
    server.closeAllConnections()
    server.close()
  })
  return client
}

function onBehalf(signal = new AbortController().signal) {
  return { binding: { namespace: 'team', name: 'one' }, caller: 'ada', signal }
}

async function read(parts: AsyncIterable<ChatPart>) {
  const seen: ChatPart[] = []
  try {
    for await (const part of parts) seen.push(part)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { seen, error }
  }
  return { seen }
}

function chunk(delta: object, finish_reason: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`
}

test.each([
  [{ queue_time_ms: 12.3, time_to_first_token_ms: 85.2, mean_itl_ms: null }, [12.3, 85.2]],
  [{ queue_time_ms: null, time_to_first_token_ms: null }, [undefined, undefined]],
  [null, [undefined, undefined]],
  ['fast', [undefined, undefined]],
])(
  'metrics of one request %j, where an engine tells them, cost no answer',
  async (metrics, told) => {
    const usage = { prompt_tokens: 9, completion_tokens: 5 }
    const client = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(
        `${chunk({}, 'stop')}data: ${JSON.stringify({ choices: [], usage, metrics })}\n\ndata: [DONE]\n\n`,
      )
    })
    const { seen, error } = await read(streamChat(client, question, onBehalf()))
    expect(error).toBeUndefined()
    const counted = seen.find((part) => part.type === 'usage')
    expect([counted?.queueMs, counted?.promptMs]).toEqual(told)
  },
)

test('deltas, the reason of the end and the usage come apart, however the bytes are cut', async () => {
  const whole = Buffer.from(
    `${chunk({ role: 'assistant' })}: beat\n\n${chunk({ content: '<think>思' })}${chunk({ content: '考</think>x = 1' })}` +
      `${chunk({}, 'stop')}data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 5 } })}\n\ndata: [DONE]\n\n`,
  )
  let asked = ''
  let headers: IncomingMessage['headers'] = {}
  const client = await serve((request, response, body) => {
    asked = body
    headers = request.headers
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const byte of whole) response.write(Buffer.from([byte]))
    response.end()
  })

  const { seen, error } = await read(streamChat(client, question, onBehalf()))

  expect(error).toBeUndefined()
  expect(seen).toEqual([
    { type: 'accepted' },
    { type: 'delta', delta: { reasoning: '思' } },
    { type: 'delta', delta: { reasoning: '考', content: 'x = 1' } },
    { type: 'finish', reason: 'stop' },
    { type: 'usage', promptTokens: 9, completionTokens: 5 },
  ])
  expect(JSON.parse(asked)).toMatchObject({ stream: true, temperature: 1, max_tokens: 100 })
  expect(JSON.parse(asked)).not.toHaveProperty('top_k')
  expect(headers).toMatchObject({
    authorization: 'Bearer our-token',
    'x-bindery-binding': 'team/one',
    'x-bindery-caller': 'ada',
  })
})

test('a refusal keeps its reason and when to come back', async () => {
  const client = await serve((_request, response) => {
    response.writeHead(429, { 'retry-after': '7' })
    response.end(JSON.stringify({ error: { message: 'Too many requests.', code: 'rate_limit' } }))
  })
  const { error } = await read(streamChat(client, question, onBehalf()))
  expect(error).toMatchObject({ code: 'quota-exhausted', message: 'Too many requests.' })
  expect(error?.details).toMatchObject({ retryAfterSeconds: 7, key: 'gateway.rate_limit' })
})

test('an error in the middle of an answer ends it, after what came before', async () => {
  const client = await serve((_request, response) => {
    response.write(chunk({ content: 'x' }))
    response.end(
      `data: ${JSON.stringify({ error: { message: 'out of memory', code: '503' } })}\n\n`,
    )
  })
  const { seen, error } = await read(streamChat(client, question, onBehalf()))
  expect(seen).toEqual([{ type: 'accepted' }, { type: 'delta', delta: { content: 'x' } }])
  expect(error).toMatchObject({ code: 'unavailable', message: 'out of memory' })
})

test.each(['cut', 'ended'])('an answer that is %s before its end is no answer', async (how) => {
  const client = await serve((_request, response) => {
    response.write(chunk({ content: 'half' }), () => {
      if (how === 'cut') response.destroy()
      else response.end()
    })
  })
  const { error } = await read(streamChat(client, question, onBehalf()))
  expect(error).toMatchObject({ code: 'bad-gateway' })
})

test('aborting reaches the other side at once', async () => {
  let told = () => {}
  const closed = new Promise<void>((resolve) => {
    told = resolve
  })
  const client = await serve((_request, response) => {
    response.on('close', told)
    response.write(chunk({ content: 'first' }))
  })
  const stop = new AbortController()
  const parts = streamChat(client, question, onBehalf(stop.signal))
  expect(await parts.next()).toMatchObject({ value: { type: 'accepted' } })
  expect(await parts.next()).toMatchObject({ value: { delta: { content: 'first' } } })
  stop.abort()
  await expect(parts.next()).rejects.toThrow()
  await closed
})

test('nobody listening is told apart from a broken answer', async () => {
  const client = createGatewayClient('http://127.0.0.1:9', async () => 'token')
  await expect(listModels(client, onBehalf())).rejects.toMatchObject({ code: 'unavailable' })
})

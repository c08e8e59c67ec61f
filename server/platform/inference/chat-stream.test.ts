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

const text = { type: 'delta', delta: { content: 'Hello' } }
const hello = chunk({ content: 'Hello' })
const stop = chunk({}, 'stop')
const last = (more: object) => `data: ${JSON.stringify({ choices: [], ...more })}\n\n`

test.each<[string, string]>([
  ['usage without counts', `${hello}${last({ usage: { total_tokens: 5 } })}${stop}`],
  [
    'usage of nulls',
    `${hello}${stop}${last({ usage: { prompt_tokens: null, completion_tokens: null } })}`,
  ],
  ['usage that is a text', `${hello}${stop}${last({ usage: 'many' })}`],
  ['no list of choices', `${hello}${stop}data: {"choices":null,"usage":null}\n\n`],
  ['no choices at all', `data: {"id":"c"}\n\n${hello}${stop}`],
  ['choices of nulls', `${hello}data: {"choices":[null]}\n\n${stop}`],
  ['no delta', `${hello}data: {"choices":[{"index":0,"delta":null,"finish_reason":"stop"}]}\n\n`],
  ['an index that is none', `${hello.replace('"index":0', '"index":null')}${stop}`],
  ['no index', `${hello.replace('"index":0,', '')}${stop}`],
  ['empty data', `data:\n\ndata: \n\n${hello}${stop}`],
  ['data that is no JSON', `data: beat\n\n${hello}${stop}`],
  ['data that is a number', `data: 7\n\n${hello}${stop}`],
  [
    'a reason that is a number',
    `${hello.replace('"finish_reason":null', '"finish_reason":0')}${stop}`,
  ],
  ['an error that is null', `${hello.replace('{"choices"', '{"error":null,"choices"')}${stop}`],
  [
    'content as parts',
    `${chunk({
      content: [
        { type: 'text', text: 'Hel' },
        { type: 'text', text: 'lo' },
      ],
    })}${stop}`,
  ],
  ['content as one part', `${chunk({ content: { type: 'text', text: 'Hello' } })}${stop}`],
  [
    'a whole message',
    `data: {"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}\n\n`,
  ],
  ['a byte order mark', `\ufeff${hello}${stop}`],
  ['a byte order mark in the data', `${hello.replace('data: ', 'data: \ufeff')}${stop}`],
  ['no line end at the end', `${hello}${stop.trimEnd()}`],
  ['lines that end by carriage returns', `${hello}${stop}`.replaceAll('\n', '\r')],
])('metadata decides nothing: %s', async (_, body) => {
  const client = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(`${body}`)
  })
  const { seen, error } = await read(streamChat(client, question, onBehalf()))
  expect(error).toBeUndefined()
  const said = seen.flatMap((part) => (part.type === 'delta' ? part.delta.content : []))
  expect(said.join('')).toBe(text.delta.content)
  expect(seen).toContainEqual({ type: 'finish', reason: 'stop' })
})

test('thoughts in parts are thoughts, and counts that can be read are kept', async () => {
  const parts = [{ type: 'thinking', thinking: [{ type: 'text', text: 'why' }] }]
  const client = await serve((_request, response) => {
    response.end(
      `${chunk({ content: parts })}${hello}${stop}${last({ usage: { prompt_tokens: 9 }, timings: { prompt_ms: 3.5 } })}`,
    )
  })
  const { seen } = await read(streamChat(client, question, onBehalf()))
  expect(seen).toContainEqual({ type: 'delta', delta: { reasoning: 'why' } })
  expect(seen).toContainEqual({ type: 'usage', promptTokens: 9, promptMs: 3.5 })
})

const llamaOverflow = {
  error: {
    code: 400,
    message:
      'request (8019 tokens) exceeds the available context size (4096 tokens), try increasing it',
    type: 'exceed_context_size_error',
    n_prompt_tokens: 8019,
    n_ctx: 4096,
  },
}
const vllmOverflow = {
  object: 'error',
  message:
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4500 in the messages, 500 in the completion). Please reduce the length of the messages or completion.",
  type: 'BadRequestError',
  param: null,
  code: 400,
}
const sglangOverflow = {
  object: 'error',
  message:
    "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 8019 tokens: 7000 tokens from the input messages and 1019 tokens for the completion.",
  type: 'BadRequestError',
  param: null,
  code: 400,
}

test.each<[string, number, unknown, string, object]>([
  ['llama.cpp: too long', 400, llamaOverflow, 'context_exceeded', { asked: 8019, room: 4096 }],
  ['vLLM, flat: too long', 400, vllmOverflow, 'context_exceeded', { asked: 4500, room: 4096 }],
  ['vLLM, nested: too long', 400, { error: vllmOverflow }, 'context_exceeded', { room: 4096 }],
  ['SGLang: too long', 400, sglangOverflow, 'context_exceeded', { asked: 7000, room: 4096 }],
  [
    'SGLang: longer',
    400,
    {
      object: 'error',
      message: "The input (8019 tokens) is longer than the model's context length (4096 tokens).",
    },
    'context_exceeded',
    { room: 4096 },
  ],
  [
    'llama.cpp: loading',
    503,
    { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } },
    'engine_loading',
    {},
  ],
  ['a proxy: loading', 503, 'Service Unavailable', 'engine_loading', {}],
  [
    'SGLang: full',
    503,
    { object: 'error', message: 'The request queue is full.', code: 503 },
    'engine_full',
    {},
  ],
  [
    'llama.cpp: full',
    503,
    { error: { message: 'no slot available', type: 'unavailable_error', code: 503 } },
    'engine_full',
    {},
  ],
  ['a key that is refused', 401, { error: 'Unauthorized' }, 'engine_key_refused', {}],
  [
    'llama.cpp: a key',
    401,
    { error: { message: 'Invalid API Key', type: 'authentication_error', code: 401 } },
    'engine_key_refused',
    {},
  ],
  [
    'vLLM: no such model',
    404,
    {
      error: {
        message: 'The model `x` does not exist.',
        type: 'NotFoundError',
        param: null,
        code: 404,
      },
    },
    'engine_model_missing',
    {},
  ],
  [
    'FastAPI: a text',
    400,
    { detail: 'top_k must be positive' },
    'engine_refused',
    { said: 'top_k must be positive' },
  ],
  [
    'FastAPI: a list',
    422,
    { detail: [{ loc: ['body', 'n'], msg: 'Input should be 1', type: 'x' }] },
    'engine_refused',
    { said: 'body.n: Input should be 1' },
  ],
  [
    'a failure',
    500,
    { error: { message: 'CUDA error', type: 'InternalServerError', code: 500 } },
    'engine_failed',
    { status: 500, said: 'CUDA error' },
  ],
  ['HTML', 502, '<html>Bad Gateway</html>', 'engine_failed', { status: 502 }],
])('a refusal of an engine is told by what it is: %s', async (_, status, body, key, values) => {
  const client = await serve((_request, response) => {
    response.writeHead(status)
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  const { seen, error } = await read(streamChat(client, question, onBehalf()))
  expect(seen).toEqual([])
  expect(error?.details.key).toBe(`gateway.${key}`)
  expect(error?.details.values).toMatchObject(values)
})

test('a flat error inside the stream keeps its reason', async () => {
  const client = await serve((_request, response) => {
    response.end(`data: {"object":"error","message":"out of memory","code":500}\n\n`)
  })
  const { error } = await read(streamChat(client, question, onBehalf()))
  expect(error).toMatchObject({
    message: 'out of memory',
    details: { key: 'gateway.engine_failed' },
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
  expect(error).toMatchObject({ code: 'bad-gateway', details: { key: 'gateway.broke_off' } })
})

test.each([
  ['nothing', ''],
  ['an opening', chunk({ role: 'assistant' })],
])('an engine that wrote %s did not break off: it gave no answer', async (_, body) => {
  const client = await serve((_request, response) => response.end(body))
  const { error } = await read(streamChat(client, question, onBehalf()))
  expect(error).toMatchObject({ code: 'bad-gateway', details: { key: 'gateway.no_answer' } })
})

test('a page in the place of an answer is told as such', async () => {
  const client = await serve((_request, response) => response.end('data: <html>\n\n'))
  const { error } = await read(streamChat(client, question, onBehalf()))
  expect(error).toMatchObject({ details: { key: 'gateway.malformed' } })
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

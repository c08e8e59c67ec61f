import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiError, badRequest, errorBody } from './api-error.ts'
import { createEngine, type Engine, type EngineOptions } from './engine.ts'
import { chatShape, completionShape, type ReasoningField } from './narrate/answer-shapes.ts'
import { type Generation, parseChatRequest, parseCompletionRequest } from './requests.ts'
import { sendStream, sendWhole } from './send-answer.ts'
import { tokenize } from './tokenize.ts'

export type StartOptions = EngineOptions & {
  host: string
  port: number
  reasoningField: ReasoningField
}

export type RunningEngine = {
  url: string
  /** Refuses what is new, lets what runs finish for so long, then cuts it off. */
  close(drainMs?: number): Promise<void>
}

const bodyBytesMax = 2 * 1024 * 1024
const version = '0.1.0+bindery.demo'

export const defaultOptions: StartOptions = {
  host: '127.0.0.1',
  port: 8000,
  reasoningField: 'content',
  model: 'bindery/demo-solver',
  tokensPerSecond: 60,
  firstTokenDelayMs: 30,
  contextTokensMax: 131_072,
  slotsMax: 32,
  waitingMax: 1000,
  solverThreads: 2,
  solveTimeoutMs: 5000,
  faults: false,
}

/** Starts the engine and its server; resolves when both can answer. */
export async function startEngine(options: Partial<StartOptions> = {}): Promise<RunningEngine> {
  const settings = { ...defaultOptions, ...options }
  const engine = await createEngine(settings)
  const abortAll = new AbortController()
  const active = new Set<Promise<void>>()
  let draining = false

  const server = createServer((request, response) => {
    const gone = new AbortController()
    // Also fires after a complete answer, when nothing is left to abort.
    response.once('close', () => gone.abort(new Error('The caller is gone.')))
    const signal = AbortSignal.any([gone.signal, abortAll.signal])
    const work = route({ engine, settings, request, response, signal, draining }).catch(
      (error: unknown) => refuse(response, error),
    )
    active.add(work)
    void work.finally(() => active.delete(work))
  })
  server.keepAliveTimeout = 75_000
  await listen(server, settings.host, settings.port).catch(async (error: unknown) => {
    await engine.close()
    throw error
  })
  const address = server.address() as AddressInfo
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${host}:${address.port}`,
    async close(drainMs = 0) {
      draining = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const timer = setTimeout(() => abortAll.abort(new Error('The engine stops.')), drainMs)
      await Promise.all(active)
      clearTimeout(timer)
      server.closeAllConnections()
      await closed
      await engine.close()
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

type Exchange = {
  engine: Engine
  settings: StartOptions
  request: IncomingMessage
  response: ServerResponse
  signal: AbortSignal
  draining: boolean
}

type Handler = (exchange: Exchange) => Promise<void> | void

const routes: Record<string, Handler> = {
  'GET /health': ({ response, draining }) => void response.writeHead(draining ? 503 : 200).end(),
  'GET /ping': ({ response }) => void response.writeHead(200).end(),
  'GET /version': ({ response }) => sendJson(response, 200, { version }),
  'GET /metrics': async ({ engine, response }) => {
    const text = await engine.metrics.render()
    response.writeHead(200, { 'content-type': engine.metrics.contentType }).end(text)
  },
  'GET /v1/models': ({ engine, response }) => sendJson(response, 200, modelList(engine)),
  'POST /v1/chat/completions': (exchange) => generate(exchange, 'chat'),
  'POST /v1/completions': (exchange) => generate(exchange, 'completion'),
  // What an unprotected vLLM also answers: a gateway has to keep callers from all of these.
  'POST /invocations': (exchange) => generate(exchange, 'either'),
  'POST /tokenize': async ({ engine, request, response }) => {
    const body = await readJson(request)
    const text =
      typeof body === 'object' && body && 'prompt' in body && typeof body.prompt === 'string'
        ? body.prompt
        : undefined
    if (text === undefined) throw badRequest('prompt: a text is required', 'prompt')
    const tokens = tokenize(text)
    const max_model_len = engine.options.contextTokensMax
    sendJson(response, 200, { count: tokens.length, max_model_len, token_strs: tokens })
  },
  'POST /pause': ({ engine, response }) => {
    engine.pause()
    sendJson(response, 200, { status: 'paused' })
  },
  'POST /resume': ({ engine, response }) => {
    engine.resume()
    sendJson(response, 200, { status: 'resumed' })
  },
  'GET /is_paused': ({ engine, response }) =>
    sendJson(response, 200, { is_paused: engine.isPaused() }),
}

async function route(exchange: Exchange): Promise<void> {
  const { method = 'GET', url = '/' } = exchange.request
  const path = url.split('?')[0]
  const handler = routes[`${method === 'HEAD' ? 'GET' : method} ${path}`]
  if (handler) return handler(exchange)
  const allowed = Object.keys(routes).find((key) => key.endsWith(` ${path}`))
  if (!allowed) throw new ApiError(404, 'NotFoundError', 'Not Found')
  exchange.response.setHeader('allow', allowed.split(' ')[0] ?? '')
  throw new ApiError(405, 'MethodNotAllowedError', 'Method Not Allowed')
}

async function generate(exchange: Exchange, kind: 'chat' | 'completion' | 'either'): Promise<void> {
  const { engine, settings, request, response, signal, draining } = exchange
  if (draining) throw new ApiError(503, 'ServiceUnavailableError', 'The engine is shutting down.')
  const body = await readJson(request)
  const isChat = kind === 'chat' || (kind === 'either' && isObject(body) && 'messages' in body)
  const asked: Generation = isChat ? parseChatRequest(body) : parseCompletionRequest(body)
  // Refused before a stream begins: a status says more than an event.
  const running = engine.generate(asked, signal)
  const shape = isChat
    ? chatShape(settings.model, settings.reasoningField)
    : completionShape(settings.model, asked)
  const send = asked.stream ? sendStream : sendWhole
  await send(response, asked, running, shape, signal)
}

function modelList({ options }: Engine): object {
  const { model: id, contextTokensMax } = options
  const created = Math.floor(Date.now() / 1000)
  const entry = { id, object: 'model', created, owned_by: 'bindery', root: id, parent: null }
  return { object: 'list', data: [{ ...entry, max_model_len: contextTokensMax }] }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const tooLarge = new ApiError(413, 'RequestTooLargeError', 'The body is larger than 2 MB.')
  if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) throw tooLarge
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const part: Buffer = chunk
    bytes += part.length
    if (bytes > bodyBytesMax) throw tooLarge
    chunks.push(part)
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    return body
  } catch {
    throw badRequest('The body is not valid JSON.')
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const status = error instanceof ApiError ? error.status : 500
  // The rest of a body that was refused is not read: the connection cannot serve another request.
  if (status === 413) response.setHeader('connection', 'close')
  sendJson(response, status, errorBody(error))
}

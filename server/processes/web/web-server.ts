import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { NativeKey, RouteKey } from '#server/api-routes.ts'
import { apiRoutes, matchRoute, routeKeys, type StreamKey } from '#server/api-routes.ts'
import type { HttpMetrics } from '#server/platform/http/http-metrics.ts'
import { rejectMalformedRequest } from '#server/platform/http/reject-malformed-requests.ts'
import { setSecurityHeaders } from '#server/platform/http/security-headers.ts'
import { translateError } from '#server/platform/http/translate-error.ts'
import {
  createOriginResolver,
  type OriginResolver,
  requestIdHeader,
} from '#server/platform/http/trusted-proxy.ts'
import { AppError, tooLarge } from '#server/platform/model/errors.ts'
import { traceServed } from '#server/platform/tracing/spans.ts'
import { answerStream } from './handlers/stream-routes.ts'
import { jsonRoutes } from './json-routes.ts'
import { nodeRequest, requestIdOf } from './node-request.ts'
import type { ProcessState } from './process-state.ts'
import { bodyBytesMaxOf } from './route.ts'

export type NextHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** One server for all: streams on plain node:http, pages and every other route through Next. */
export function createWebServer(
  state: () => ProcessState,
  next: () => NextHandler,
  metrics: HttpMetrics,
): Server {
  let settle: OriginResolver | undefined
  const server = createServer(serverTimes, (request, response) => {
    settle ??= createOriginResolver(state().config)
    const origin = settle(request)
    const { requestId } = origin
    const name = spanName(request)
    const span = { name, requestId, headers: request.headers, response }
    traceServed(span, () => answer(state(), next(), metrics, request, response, origin)).catch(
      (error) => {
        const path = request.url?.split('?', 1)[0]
        state().log.error({ err: error, path, requestId }, 'an answer failed')
        if (response.headersSent) response.destroy()
        else response.writeHead(500).end()
      },
    )
  })
  // Above the idle times of usual load balancers, so that it is they who close.
  server.keepAliveTimeout = 75_000
  return server
}

/** The whole request, headers and body, has to come in this time: slow writers hold nothing. */
const serverTimes = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
}

async function answer(
  state: ProcessState,
  next: NextHandler,
  metrics: HttpMetrics,
  request: IncomingMessage,
  response: ServerResponse,
  { requestId, isSecure, isMisdirected }: ReturnType<OriginResolver>,
): Promise<void> {
  setSecurityHeaders(request, response, state.config, isSecure)
  response.setHeader(requestIdHeader, requestId)
  if (isMisdirected) {
    request.resume()
    const error = new AppError('bad-request', 'Bindery has another address: NEXTAUTH_URL.')
    return answerError(state, request, response, error, 421)
  }
  // A body of no known length that was refused half-read: the connection cannot serve another request.
  const { socket } = request
  response.once('finish', () => {
    if (!request.complete && request.destroyed) socket.destroySoon()
  })
  if (state.draining.aborted) response.setHeader('connection', 'close')
  const target = request.url ?? '/'
  if (!target.startsWith('/api/')) {
    metrics.began('page', false, response)
    // Next asks its own server much more while one develops.
    const refused = state.config.DEV ? undefined : rejectMalformedRequest(request, response)
    if (!refused) return next(request, response)
    request.resume()
    return answerError(state, request, response, refused.error, refused.status)
  }
  const [pathname = '', search = ''] = target.split('?', 2)
  // Next answers HEAD by GET's handler; a stream has nothing to say to it.
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET')
  const match = matchRoute(method, pathname)
  metrics.began(match?.key ?? 'unknown', match !== undefined && isStream(match.key), response)
  if (!match) return answerUnknown(state, pathname, request, response)
  const bytesMax = bodyBytesMaxOf(match.key)
  if (Number(request.headers['content-length']) > bytesMax) {
    // Read to its end and dropped, so that the caller reads the answer and the connection lives on.
    request.resume()
    return answerError(state, request, response, tooLarge(bytesMax))
  }
  const url = { params: match.params, query: new URLSearchParams(search) }
  if (isStream(match.key)) return answerStream(state, match.key, request, response, url)
  if (isNative(match.key)) return answerJson(state, match.key, request, response, url)
  return next(request, response)
}

/** The route, never its parameters: names of spans are few. */
function spanName({ method = 'GET', url = '/' }: IncomingMessage): string {
  const [path = ''] = url.split('?', 1)
  if (!path.startsWith('/api/')) return `${method} page`
  return matchRoute(method === 'HEAD' ? 'GET' : method, path)?.key ?? `${method} unknown`
}

async function answerJson(
  state: ProcessState,
  key: NativeKey,
  request: IncomingMessage,
  response: ServerResponse,
  { params, query }: { params: Record<string, string>; query: URLSearchParams },
): Promise<void> {
  const { status, body, headers, cookies } = await jsonRoutes[key].answer(
    state,
    nodeRequest(request, response, query, bodyBytesMaxOf(key)),
    params,
  )
  if (response.destroyed) return
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  response.writeHead(status, { ...headers, ...type })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

function isNative(key: RouteKey): key is NativeKey {
  return 'native' in apiRoutes[key]
}

function isStream(key: RouteKey): key is StreamKey {
  return 'stream' in apiRoutes[key]
}

function answerUnknown(
  state: ProcessState,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const methods = new Set(routeKeys.map((key) => key.split(' ')[0] ?? ''))
  const allowed = [...methods].filter((method) => matchRoute(method, pathname))
  const error = new AppError(
    allowed.length > 0 ? 'bad-request' : 'not-found',
    allowed.length > 0 ? `Here one can ${allowed.join(', ')}.` : 'There is no such route.',
  )
  if (allowed.length > 0) response.setHeader('allow', allowed.join(', '))
  answerError(state, request, response, error, allowed.length > 0 ? 405 : undefined)
}

function answerError(
  state: ProcessState,
  request: IncomingMessage,
  response: ServerResponse,
  error: AppError,
  otherStatus?: number,
): void {
  const { status, body } = translateError(error, requestIdOf(request), state.log)
  response.writeHead(otherStatus ?? status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

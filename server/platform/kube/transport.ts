import { setMaxListeners } from 'node:events'
import type { Readable } from 'node:stream'
import { type Dispatcher, Pool, ProxyAgent } from 'undici'
import { AppError } from '#server/platform/model/errors.ts'
import { backoffMs, pause } from '#server/platform/time/backoff.ts'
import { traced, traceHeaders } from '#server/platform/tracing/spans.ts'
import { type ClusterClock, createClusterClock } from './cluster-clock.ts'
import type { CredentialSource, Credentials } from './credentials.ts'
import { type Query, queryOf } from './paths.ts'
import { type Asked, codeOf, translateFailure, translateStatus } from './translate-status.ts'

export type Ask = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  query?: Query
  body?: unknown
  contentType?: string
  /** Asking twice changes nothing: reads, and reviews although they are POSTed. */
  idempotent?: boolean
  asked: Asked
}

export type Transport = {
  readonly server: string
  /** Aborts when the transport is closed: what watches it ends then. */
  readonly closed: AbortSignal
  readonly clock: ClusterClock
  /** The answer's JSON. */
  call(ask: Ask): Promise<unknown>
  /** The answer's body as it arrives; the caller destroys it. */
  open(ask: Ask, options: { signal: AbortSignal; headersMs: number }): Promise<Readable>
  close(): Promise<void>
}

export type TransportLimits = { callMs: number; retriesMax: number; retryBaseMs: number }

type Agents = { tls: string; calls: Dispatcher; streams: Dispatcher }

/** Nothing reached the server with these: any request may be repeated. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

const retriedStatus = new Set([429, 500, 502, 503, 504])

/** Two pools to one API server: sixteen connections for calls, as many as there are streams for streams. */
export function createTransport(source: CredentialSource, limits: TransportLimits): Transport {
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const prefix = source.server.pathname.replace(/\/+$/, '')
  let agents: Agents | undefined
  const asked = { verb: 'get', resource: 'version' }
  const clock = createClusterClock(() => once({ method: 'GET', path: '/version', asked }))

  async function prepare(ask: Ask) {
    const { tls, headers } = await source.read()
    const body = ask.body === undefined ? undefined : JSON.stringify(ask.body)
    if (closing.signal.aborted) throw closedError()
    return {
      agents: agentsFor(tls),
      options: {
        origin: source.server.origin,
        path: prefix + ask.path + queryOf(ask.query ?? {}),
        method: ask.method,
        body,
        headers: {
          ...headers,
          accept: 'application/json',
          'user-agent': 'bindery',
          ...traceHeaders(),
          ...(body === undefined ? {} : { 'content-type': ask.contentType ?? 'application/json' }),
        },
      },
    }
  }

  function agentsFor(tls: Credentials['tls']): Agents {
    const fingerprint = JSON.stringify(Object.values(tls).map(String))
    if (agents?.tls === fingerprint) return agents
    void agents?.calls.close()
    void agents?.streams.close()
    agents = {
      tls: fingerprint,
      calls: createAgent(source, tls, 16),
      streams: createAgent(source, tls, null),
    }
    return agents
  }

  async function once(ask: Ask): Promise<{ status: number; text: string; retryAfter?: string }> {
    const { agents: now, options } = await prepare(ask)
    const times = { headersTimeout: limits.callMs, bodyTimeout: limits.callMs }
    const sent = performance.now()
    const response = await now.calls.request({ ...options, ...times })
    clock.observe(response.headers.date, sent, performance.now())
    const retryAfter = response.headers['retry-after']
    return {
      status: response.statusCode,
      text: await response.body.text(),
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    }
  }

  function call(ask: Ask): Promise<unknown> {
    const { verb, resource } = ask.asked
    return traced({ name: `kube ${verb} ${resource}`, kind: 'client' }, () => callAgain(ask))
  }

  async function callAgain(ask: Ask): Promise<unknown> {
    const idempotent = ask.idempotent ?? ask.method === 'GET'
    for (let attempt = 0; ; attempt++) {
      const mayRetry = attempt < limits.retriesMax && !closing.signal.aborted
      let waitMs = backoffMs(attempt, limits.retryBaseMs, 2_000)
      try {
        const { status, text, retryAfter } = await once(ask)
        if (status < 300) return parseBody(text, ask.asked)
        // 429 is said before anything was done, so a write may be repeated as well.
        const again = status === 429 || (idempotent && retriedStatus.has(status))
        if (!mayRetry || !again) throw translateStatus(status, text, ask.asked)
        if (retryAfter) waitMs = Math.max(waitMs, Math.min(Number(retryAfter) * 1000 || 0, 2_000))
      } catch (error) {
        const again = idempotent || neverSent.has(codeOf(error))
        if (error instanceof AppError || !mayRetry || !again) {
          throw translateFailure(error, ask.asked)
        }
      }
      await pause(waitMs, closing.signal)
    }
  }

  async function open(ask: Ask, { signal, headersMs }: { signal: AbortSignal; headersMs: number }) {
    // One signal owns as many streams as its process has.
    setMaxListeners(0, signal)
    try {
      const { agents: now, options } = await prepare(ask)
      const times = { headersTimeout: headersMs, bodyTimeout: 0 }
      const sent = performance.now()
      const response = await now.streams.request({ ...options, ...times, signal })
      clock.observe(response.headers.date, sent, performance.now())
      if (response.statusCode >= 300) {
        throw translateStatus(response.statusCode, await response.body.text(), ask.asked)
      }
      // Destroying a body that has not ended emits an error that nobody is left to hear.
      response.body.on('error', () => {})
      return response.body
    } catch (error) {
      throw translateFailure(error, ask.asked)
    }
  }

  return {
    server: source.server.href,
    closed: closing.signal,
    clock,
    call,
    open,
    async close() {
      closing.abort()
      await Promise.all([
        agents?.calls.destroy(closedError()),
        agents?.streams.destroy(closedError()),
      ])
    },
  }
}

function createAgent(
  source: CredentialSource,
  tls: Credentials['tls'],
  connections: number | null,
): Dispatcher {
  const options = { connections, keepAliveTimeout: 30_000, pipelining: 1, allowH2: false }
  if (source.proxyUrl) {
    return new ProxyAgent({
      uri: source.proxyUrl,
      requestTls: tls,
      connections: connections ?? 256,
    })
  }
  return new Pool(source.server.origin, { ...options, connect: { ...tls, timeout: 10_000 } })
}

function parseBody(text: string, asked: Asked): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw translateFailure(cause, asked)
  }
}

function closedError(): AppError {
  return new AppError('unavailable', 'This process is shutting down.', { key: 'kube.closed' })
}

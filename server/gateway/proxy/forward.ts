import type { ServerResponse } from 'node:http'
import type { Agent, Dispatcher } from 'undici'
import { engineAuthorization } from '#server/gateway/engines/engine-looks.ts'
import {
  tokensInAnswers,
  type Usage,
  type UsageCounter,
  usageCounter,
  usageOf,
} from '#server/gateway/usage/count-usage.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { traceHeaders } from '#server/platform/tracing/spans.ts'
import { openaiErrorOf, sendError } from './openai-error.ts'

export type ForwardRequest = {
  agent: Agent
  /** The engine's address without `/v1`. */
  base: URL
  /** Its own key, in the place of the caller's. */
  key: string | undefined
  path: string
  method: 'GET' | 'POST'
  body?: string
  wantsUsage: boolean
  requestId: string
  response: ServerResponse
  /** Aborts with an AppError that the caller is told, or with any other reason when the caller is gone. */
  signal: AbortSignal
  /** Events that passed since the last call: about one per token. */
  onEvents(count: number): void
  idleMs: number
}

export type Outcome = {
  /** As the caller was told, or would have been: 499 where it went away. */
  status: number
  events: number
  /** Tokens that were counted in what passed: one per event with text, at least. */
  texts: number
  usage?: Usage
  ttftMs?: number
  error?: Error
}

const answerBytesMax = 64 * 1024 * 1024
/** A caller that takes no bytes for so long holds a place in the engine for nothing. */
const stalledMs = 120_000
/** Proxies on the way give up on what is silent. */
const beatMs = 15_000
const beat = ': waiting\n'
const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

type Dispatch = Pick<Dispatcher.DispatchOptions, 'origin' | 'path' | 'method' | 'headers' | 'body'>

/** Sends one request to the engine and its answer to the caller, byte by byte where it streams. Never throws. */
export function forward(request: ForwardRequest): Promise<Outcome> {
  const { agent, response, signal, idleMs, wantsUsage } = request
  const startedMs = performance.now()
  const outcome: Outcome = { status: 502, events: 0, texts: 0 }

  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined
    let stream: UsageCounter | undefined
    let answer: { status: number; headers: Record<string, unknown>; chunks: Buffer[] } | undefined
    let bytes = 0
    let over = false
    let stalled: NodeJS.Timeout | undefined
    let beating: NodeJS.Timeout | undefined

    function end(error?: Error) {
      if (over) return
      over = true
      clearTimeout(stalled)
      clearTimeout(beating)
      signal.removeEventListener('abort', stop)
      response.off('drain', resume)
      if (stream) {
        outcome.events = stream.events()
        outcome.texts = stream.texts()
        outcome.usage = stream.usage()
      }
      if (error) {
        outcome.error = error
        controller?.abort(error)
        tell(error)
      }
      resolve(outcome)
    }

    function tell(error: Error) {
      if (response.destroyed) {
        outcome.status = 499
        return
      }
      const told = openaiErrorOf(error)
      outcome.status = told.status
      sendError(response, told)
    }

    function stop() {
      end(signal.reason instanceof Error ? signal.reason : new Error('The caller is gone.'))
    }

    function resume() {
      clearTimeout(stalled)
      controller?.resume()
    }

    function begin(status: number, headers: Record<string, unknown>) {
      const type = String(headers['content-type'] ?? '')
      if (status !== 200 || !type.startsWith('text/event-stream')) {
        answer = { status, headers, chunks: [] }
        return
      }
      outcome.status = 200
      stream = usageCounter(wantsUsage)
      response.writeHead(200, {
        'content-type': type,
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      })
      response.flushHeaders()
      response.on('drain', resume)
      beating = setTimeout(function again() {
        response.write(beat)
        beating = setTimeout(again, beatMs)
      }, beatMs)
    }

    function pass(counter: UsageCounter, chunk: Buffer) {
      const before = counter.events()
      const whole = counter.take(chunk)
      const passed = counter.events() - before
      if (passed > 0) request.onEvents(passed)
      beating?.refresh()
      if (!whole || response.write(whole)) return
      controller?.pause()
      clearTimeout(stalled)
      stalled = setTimeout(() => {
        response.destroy()
        end(new Error('The caller took no bytes for too long.'))
      }, stalledMs)
    }

    function finish() {
      if (over) return
      if (stream) {
        const rest = stream.rest()
        if (stream.failed()) outcome.status = 502
        response.end(rest)
      } else if (answer) {
        const text = Buffer.concat(answer.chunks)
        const json = parse(text)
        outcome.usage = usageOf(json)
        outcome.texts = tokensInAnswers(json)
        outcome.status = answer.status
        const refusal = refusalOf(answer.status, answer.headers)
        if (refusal) return end(refusal)
        const retryAfter =
          answer.headers['retry-after'] ?? (answer.status === 503 ? '5' : undefined)
        if (typeof retryAfter === 'string') response.setHeader('retry-after', retryAfter)
        response.writeHead(answer.status, {
          'content-type': String(answer.headers['content-type']),
          'content-length': text.length,
        })
        response.end(text)
      }
      end()
    }

    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    agent.dispatch(
      { ...dispatchOf(request), headersTimeout: idleMs, bodyTimeout: idleMs },
      {
        onRequestStart(started) {
          controller = started
          if (over) started.abort(outcome.error ?? new Error('The caller is gone.'))
        },
        onResponseStart(_, status, headers) {
          if (status >= 200 && !over) begin(status, headers)
        },
        onResponseData(_, chunk) {
          if (over) return
          outcome.ttftMs ??= performance.now() - startedMs
          if (stream) return pass(stream, chunk)
          bytes += chunk.length
          if (bytes > answerBytesMax) return end(broken('The answer is too large.'))
          answer?.chunks.push(chunk)
        },
        onResponseEnd: finish,
        onResponseError: (_, error) => end(engineFailure(error, stream !== undefined)),
      },
    )
  })
}

/** Nothing of the caller's own headers: no token, no cookie, no name of ours. */
function dispatchOf({ base, key, path, method, body, requestId }: ForwardRequest): Dispatch {
  return {
    origin: base.origin,
    path: `${base.pathname.replace(/\/+$/, '')}${path}`,
    method,
    headers: {
      accept: 'application/json, text/event-stream',
      'x-request-id': requestId,
      ...engineAuthorization(key),
      ...traceHeaders(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body,
  }
}

/** Answers of the engine that are no business of the caller's: pages, redirects, and what it thinks of our key. */
function refusalOf(status: number, headers: Record<string, unknown>): AppError | undefined {
  if (status === 401 || status === 403) {
    const message = 'The engine refuses the key of this gateway.'
    return new AppError('bad-gateway', message, { key: 'engine_key_refused' })
  }
  const json = String(headers['content-type'] ?? '').startsWith('application/json')
  if (json && (status < 300 || status >= 400)) return undefined
  if (status === 503) {
    const message = 'The engine is still loading the model.'
    return new AppError('unavailable', message, { key: 'engine_loading', retryAfterSeconds: 5 })
  }
  if (status >= 500) {
    const message = `The engine failed (${status}).`
    return new AppError('bad-gateway', message, { key: 'engine_failed', values: { status } })
  }
  const message = `The engine answered ${status} with something that is no answer.`
  return new AppError('bad-gateway', message, { key: 'malformed' })
}

function broken(message: string, cause?: unknown): AppError {
  return new AppError('bad-gateway', message, { key: 'engine_broke_off', cause })
}

function engineFailure(cause: Error, begun: boolean): AppError {
  const code = 'code' in cause ? String(cause.code) : ''
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    const message = 'The engine took too long to answer.'
    return new AppError('timeout', message, { key: 'engine_timeout', cause })
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    const message = 'The engine cannot be reached in time.'
    return new AppError('timeout', message, { key: 'engine_timeout', cause })
  }
  if (!unreachable.has(code)) {
    if (begun) return broken('The engine broke off in the middle of its answer.', cause)
    const message = 'The engine ended before it wrote anything.'
    return new AppError('bad-gateway', message, { key: 'no_answer', cause })
  }
  const message = 'The engine cannot be reached: it is down, or still starting.'
  return new AppError('bad-gateway', message, {
    key: 'engine_unreachable',
    retryAfterSeconds: 5,
    cause,
  })
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

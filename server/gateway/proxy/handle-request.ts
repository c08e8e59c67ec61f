import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Agent } from 'undici'
import type { DayUse, dayUses } from '#server/gateway/admission/day-use.ts'
import type { Quotas } from '#server/gateway/admission/quota.ts'
import type { EngineKeys } from '#server/gateway/engines/engine-keys.ts'
import type { EngineLooks } from '#server/gateway/engines/engine-looks.ts'
import {
  dependsOnEngine,
  translateParameters,
} from '#server/gateway/engines/translate-parameters.ts'
import type { Grants, Standing } from '#server/gateway/grants/check-grant.ts'
import type { Identify, Identity } from '#server/gateway/identity/identify-caller.ts'
import type { Refusals } from '#server/gateway/usage/refusals.ts'
import type { UsageWriter } from '#server/gateway/usage/usage-writer.ts'
import type { Log } from '#server/platform/log.ts'
import { AppError } from '#server/platform/model/errors.ts'
import {
  allowedTokensHeader,
  cutAnswersHeader,
  ignoredParametersHeader,
  refusedSinceHeader,
} from '#server/platform/model/names.ts'
import { parseRequestId } from '#server/platform/model/request-id.ts'
import { describeSpan } from '#server/platform/tracing/spans.ts'
import { forward, type Outcome } from './forward.ts'
import { openaiErrorOf, sendError } from './openai-error.ts'
import { readBody } from './read-body.ts'
import {
  type Asked,
  parseRequest,
  type Rewritten,
  rewriteRequest,
  routes,
} from './rewrite-request.ts'

export type Parts = {
  identify: Identify
  grants: Grants
  quotas: Quotas
  dayUses: ReturnType<typeof dayUses>
  usage: UsageWriter
  refusals: Refusals
  agent: Agent
  log: Log
  now(): Date
  engineUrl(standing: Standing): URL
  engineKey: EngineKeys
  engines: EngineLooks
  idleMs: number
  /** Ends every answer that still runs, with what its caller is told. */
  stopping: AbortSignal
}

/** One call of a tenant: who, may they, how much, where to; then the engine's own bytes. */
export async function handleRequest(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const path = pathOf(request)
  response.setHeader('x-request-id', requestId)
  const method = Object.hasOwn(routes, path) ? routes[path] : undefined
  if (!method) {
    const message = `There is nothing at ${request.method} ${path.slice(0, 200)}.`
    return sendError(response, { status: 404, code: 'unknown_path', message })
  }
  if (request.method !== method) {
    response.setHeader('allow', method)
    const message = `${path} is asked with ${method}.`
    return sendError(response, { status: 405, code: 'method_not_allowed', message })
  }

  const ending = new AbortController()
  const exchange: Exchange = { request, response, path, method, requestId, ending }
  const stop = () => ending.abort(parts.stopping.reason)
  const left = () => ending.abort(new Error('The caller is gone.'))
  parts.stopping.addEventListener('abort', stop, { once: true })
  // Fires after a complete answer, too: nothing is left to abort then.
  response.once('close', left)
  // Written to in the moment in which the caller left.
  response.on('error', left)
  try {
    await serve(parts, exchange)
  } catch (error) {
    const told = openaiErrorOf(error)
    if (refusing.has(told.status)) countRefusal(parts, exchange, told.code)
    const fields = { requestId: exchange.requestId, path, status: told.status, code: told.code }
    if (told.status >= 500) parts.log.warn({ ...fields, err: error }, 'request failed')
    else parts.log.info(fields, 'refused')
    sendError(response, told)
  } finally {
    parts.stopping.removeEventListener('abort', stop)
  }
}

type Exchange = {
  request: IncomingMessage
  response: ServerResponse
  path: string
  method: 'GET' | 'POST'
  requestId: string
  ending: AbortController
  identity?: Identity
}

/** Not known, not let through, not bound, or too much: what somebody is answerable for. */
const refusing = new Set([401, 403, 404, 429])

function countRefusal(parts: Parts, { request, identity }: Exchange, reason: string): void {
  // Our own proof that access is gone is refused on purpose, and kept on the binding. A tenant could call all it does one.
  if (identity?.probing && identity.how === 'speaker') return
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const { caller = address, namespace = '', binding } = identity ?? {}
  parts.refusals.count({ caller, namespace, binding, reason })
}

async function serve(parts: Parts, exchange: Exchange): Promise<void> {
  const { request, path, method, ending } = exchange
  const identity = await parts.identify(request, ending.signal)
  exchange.identity = identity
  if (identity.how === 'speaker') {
    exchange.requestId = parseRequestId(request.headers['x-request-id']) ?? exchange.requestId
    exchange.response.setHeader('x-request-id', exchange.requestId)
  }
  if (identity.probing) tellProbe(parts, identity, exchange.response)
  const standing = parts.grants.standing(identity)
  if (method === 'GET') {
    const [first] = standing
    if (!first) return
    parts.quotas.countRequest(first.key, first.grant.quota)
    await pass(parts, exchange, { path, identity, standing: first })
    return
  }
  // Counted before a byte of it is read: what is refused afterwards has cost its work.
  const counted = parts.quotas.countOneOf(standing)
  refuseOtherTypes(request)
  const text = await readBody(request)
  const asked = parseRequest(text)
  const meant = standing.find(({ service }) => service.spec.model === asked.model) ?? standing[0]
  if (!meant) return
  const { key, grant, service } = meant
  if (counted.key !== key) counted.moveTo(meant)
  const day = await parts.dayUses.of(meant)
  const caps = {
    answersMax: grant.quota.concurrency,
    tokensLeft: parts.quotas.tokensLeft(day.used(), grant.quota),
    contextTokens: service.spec.limits.contextTokens,
  }
  const bytes = Buffer.byteLength(text)
  const translated = await translate(parts, meant, asked)
  const rewritten = rewriteRequest(translated.body, caps)
  if (translated.ignored.length > 0) {
    exchange.response.setHeader(ignoredParametersHeader, translated.ignored.join(','))
  }
  if (rewritten.allowedTokens !== undefined) {
    exchange.response.setHeader(allowedTokensHeader, rewritten.allowedTokens)
  }
  const leave = parts.quotas.enter(key, grant.quota, rewritten.answers)
  try {
    await pass(parts, exchange, { path, identity, standing: meant, rewritten, bytes, day })
  } finally {
    leave()
  }
}

/** In the engine's own words; one that does not say what it is is sent what came. */
async function translate(parts: Parts, standing: Standing, asked: Asked) {
  if (!dependsOnEngine(asked)) return { body: asked, ignored: [] }
  const key = parts.engineKey(standing.engine.service)
  const { facts } = await parts.engines.look(parts.engineUrl(standing), key)
  return translateParameters(asked, facts?.kind)
}

/** The probe of an unbind run writes into its proof how fast this gateway was. */
function tellProbe({ grants }: Parts, { binding = '' }: Identity, response: ServerResponse): void {
  const end = grants.endOf(binding)
  if (!end) return
  response.setHeader(refusedSinceHeader, end.since.toISOString())
  response.setHeader(cutAnswersHeader, String(end.cutAnswers))
}

type Passing = {
  path: string
  identity: Identity
  standing: Standing
  rewritten?: Rewritten
  bytes?: number
  day?: DayUse
}

async function pass(parts: Parts, exchange: Exchange, passing: Passing): Promise<void> {
  const { response, method, requestId, ending } = exchange
  const { path, identity, standing, rewritten, day } = passing
  const startedMs = performance.now()
  const release = parts.grants.hold(standing, identity.probing, (error) => ending.abort(error))
  let added = 0
  let outcome: Outcome
  try {
    outcome = await forward({
      agent: parts.agent,
      base: parts.engineUrl(standing),
      key: parts.engineKey(standing.engine.service),
      path,
      method,
      body: rewritten?.body,
      wantsUsage: rewritten?.wantsUsage ?? true,
      // Several answers come of one request, and an engine refuses a number that it is at work on.
      requestId: `${requestId}-${randomUUID().slice(0, 8)}`,
      response,
      signal: ending.signal,
      idleMs: parts.idleMs,
      onEvents(count) {
        added += count
        day?.add(count)
      },
    })
  } finally {
    release()
  }
  const durationMs = performance.now() - startedMs
  const { status, error, ttftMs } = outcome
  const { key: binding, ring } = standing
  const fields = { requestId, binding, path, status, durationMs: Math.round(durationMs) }
  describeSpan({
    'bindery.binding': binding,
    'url.path': path,
    'gen_ai.server.time_to_first_token_ms': ttftMs,
  })
  if (error && status >= 500) parts.log.warn({ ...fields, err: error }, 'answer failed')
  else parts.log.info(fields, 'answered')
  if (!rewritten || !day) return

  const used = usedBy(outcome, passing)
  // https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
  describeSpan({
    'gen_ai.usage.input_tokens': used.promptTokens,
    'gen_ai.usage.output_tokens': used.completionTokens,
  })
  const settled = day.settle(added, used.promptTokens + used.completionTokens)
  const { namespace, name } = standing
  const about = { namespace, binding: name, caller: identity.caller, route: path, ring, status }
  parts.usage.write({ ...about, ...used, ttftMs, durationMs, at: parts.now() }, settled.written)
}

/**
 * The larger of what the engine said and what was counted, for an engine may say the usage of one of several answers.
 * Counted are the events that carry text; where the engine says no prompt tokens, a quarter of the request's bytes.
 */
function usedBy({ usage, events, texts, status }: Outcome, { bytes = 0 }: Passing) {
  if (!usage && events === 0 && status !== 499) return { promptTokens: 0, completionTokens: 0 }
  return {
    promptTokens: usage?.promptTokens ?? Math.ceil(bytes / 4),
    completionTokens: Math.max(usage?.completionTokens ?? 0, texts),
  }
}

function refuseOtherTypes(request: IncomingMessage): void {
  const type = request.headers['content-type'] ?? 'application/json'
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (/^application\/json\b/i.test(type) && encoding === 'identity') return
  throw new AppError('bad-request', 'The body must be JSON (application/json), not compressed.', {
    key: 'unsupported_media_type',
  })
}

/** Byte for byte as it was sent, up to the query. */
function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

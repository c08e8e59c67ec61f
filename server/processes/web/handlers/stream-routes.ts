import type { IncomingMessage, ServerResponse } from 'node:http'
import { userOf } from '#server/access/verbs/binding-access.ts'
import type { StreamKey } from '#server/api-routes.ts'
import { lastEventId, openSse, type SseStream, sseHeaders } from '#server/platform/http/sse.ts'
import { translateError } from '#server/platform/http/translate-error.ts'
import { writePart } from '#server/platform/http/write-part.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { ownGeneration } from '#server/playground/verbs/generation-access.ts'
import {
  type AuthorizedRequest,
  authenticateAndAuthorize,
  type RawRequest,
} from '#server/processes/web/authenticate.ts'
import { nodeRequest } from '#server/processes/web/node-request.ts'
import type { ProcessState } from '#server/processes/web/process-state.ts'
import type { ListKind } from '#server/processes/web/views/list-events.ts'
import { parseMergedCursor, parseRunCursor } from '#server/runs/log/cursor/run-cursor.ts'
import { writeLogFile } from '#server/runs/log/follow/write-log-file.ts'
import { stillVisible, visibleRun } from '#server/runs/verbs/run-access.ts'
import { everyContainer, logFileQuery, logStreamQuery } from '#server/runs/views/run-log-views.ts'
import { answerAuditExport } from './answer-audit-export.ts'
import { answerCodeBox, answerCodeBoxFile } from './answer-code-box.ts'
import { answerExport } from './answer-export.ts'
import { answersToFollow, followAnswers } from './follow-answers.ts'
import { logFrame } from './log-frame.ts'
import { watchRights } from './watch-rights.ts'

/** One request to node's own server, and what the path said. */
type Exchange = {
  state: ProcessState
  request: IncomingMessage
  response: ServerResponse
  params: Record<string, string>
  query: URLSearchParams
  raw: RawRequest
  requestId: string
}

type StreamRoute = (exchange: Exchange) => Promise<void>

type Asked<K extends StreamKey> = AuthorizedRequest<K, undefined, undefined> & {
  url: URLSearchParams
  lastEventId: string | undefined
}

const heartbeatMs = 15_000
const listKinds: ListKind[] = ['services', 'bindings', 'runs']

/**
 * A route of server-sent events. `open` authorises and finds the source, and a failure there is an ordinary error
 * answer; what it returns then feeds the stream until the reader is gone.
 */
function sse<K extends StreamKey>(
  key: K,
  open: (asked: Asked<K>) => Promise<
    | ((stream: SseStream) => Promise<void>)
    /** `holds`: whether what lets the person read it still stands. */
    | { feed: (stream: SseStream) => Promise<void>; holds: () => Promise<boolean> }
  >,
): StreamRoute {
  return async ({ state, request, response, params, query, raw, requestId }) => {
    const admitted = await authenticateAndAuthorize<K, undefined, undefined>(
      key,
      state,
      raw,
      params,
      {},
    )
    const opened = await open({ ...admitted, url: query, lastEventId: lastEventId(request, query) })
    const { feed, holds } = typeof opened === 'function' ? { feed: opened } : opened
    if (request.method === 'HEAD') return void response.writeHead(200, sseHeaders).end()
    const { session } = admitted
    const leave = session && state.acquireStream(session.person.user)
    const maxLifeMs = state.config.STREAM_MAX_LIFE_SECONDS * 1000
    const stream = openSse(request, response, { heartbeatMs, maxLifeMs, draining: state.draining })
    if (session) {
      state.sessions.watch(session, stream.signal, (change) => {
        if (change === 'renewed') stream.bye('renewed')
        else stream.fail(translateError(change.over, requestId, state.log).body)
      })
      if (holds) {
        const lost = (error: AppError) =>
          stream.fail(translateError(error, requestId, state.log).body)
        watchRights(state, session.person, holds, lost, stream.signal)
      }
    }
    try {
      await feed(stream)
      stream.end()
    } catch (error) {
      if (!stream.signal.aborted) stream.fail(translateError(error, requestId, state.log).body)
    } finally {
      leave?.()
    }
  }
}

const streamRoutes: Record<StreamKey, StreamRoute> = {
  'GET /api/stream': sse('GET /api/stream', async ({ state, person, url }) => {
    const kinds = kindsOf(url.get('kinds'))
    return async (stream) => {
      for await (const frames of state.lists.follow(person, kinds, stream.signal)) {
        await stream.sendFrames(frames)
      }
    }
  }),

  'GET /api/runs/:namespace/:name/log': sse(
    'GET /api/runs/:namespace/:name/log',
    async ({ state, ctx, params, url, lastEventId }) => {
      const run = await visibleRun(ctx, params, { log: true })
      const asked = logStreamQuery.safeParse(Object.fromEntries(url))
      if (!asked.success) throw new AppError('bad-request', 'container: a name, tail: a number')
      const { container, tail } = asked.data
      const feed = async (stream: SseStream) => {
        const { runLogs } = state
        const events =
          container === everyContainer
            ? runLogs.followAll(run, parseMergedCursor(lastEventId), stream.signal)
            : runLogs.follow({ run, container, tail }, parseRunCursor(lastEventId), stream.signal)
        for await (const event of events) {
          await stream.sendFrames([logFrame(event)])
        }
      }
      return { feed, holds: () => stillVisible(ctx, run, { log: true }) }
    },
  ),

  'GET /api/generations/:id/events': sse(
    'GET /api/generations/:id/events',
    async ({ state, ctx, params, lastEventId }) => {
      const { id } = params
      // What streams here need not be looked up: its first token is on its way.
      if (state.generations.ownerOf(id) !== userOf(ctx)) await ownGeneration(ctx, id)
      const after = Number(lastEventId ?? 0)
      const from = Number.isSafeInteger(after) && after > 0 ? after : 0
      return async (stream) => {
        for await (const events of state.generations.follow(id, from, stream.signal)) {
          await stream.send(events.map(({ seq, event }) => ({ ...event, id: seq })))
        }
      }
    },
  ),

  'GET /api/conversations/:id/events': sse(
    'GET /api/conversations/:id/events',
    async ({ state, ctx, params, url, lastEventId }) => {
      const ids = await answersToFollow(ctx, state.generations, params.id, url.get('generations'))
      return (stream) => followAnswers(state.generations, ids, lastEventId, stream)
    },
  ),

  'GET /api/runs/:namespace/:name/log.txt': answerLogFile,

  'GET /api/audit/export.csv': ({ state, raw, response }) =>
    answerAuditExport('GET /api/audit/export.csv', state, raw, response),
  'GET /api/audit/export.jsonl': ({ state, raw, response }) =>
    answerAuditExport('GET /api/audit/export.jsonl', state, raw, response),
  'GET /api/conversations/:id/export': async ({
    state,
    response,
    params,
    query,
    raw,
    requestId,
  }) => {
    const key = 'GET /api/conversations/:id/export'
    const admitted = await authenticateAndAuthorize<typeof key, undefined, undefined>(
      key,
      state,
      raw,
      params,
      {},
    )
    response.once('close', state.acquireDownload(admitted.person.user))
    await answerExport(admitted.ctx, admitted.params.id, query, response, requestId)
  },

  'GET /api/code-box': ({ response }) => answerCodeBox(response),
  'GET /api/code-box/:version/:file': async ({ state, request, response, params, raw }) => {
    const key = 'GET /api/code-box/:version/:file'
    const admitted = await authenticateAndAuthorize<typeof key, undefined, undefined>(
      key,
      state,
      raw,
      params,
      {},
    )
    const acceptsGzip = /\bgzip\b/.test(raw.header('accept-encoding') ?? '')
    await answerCodeBoxFile(admitted.params, request.method === 'HEAD', acceptsGzip, response)
  },
}

/** Answers a streaming route on node's own server: half the cost per token of a route behind Next. */
export async function answerStream(
  state: ProcessState,
  key: StreamKey,
  request: IncomingMessage,
  response: ServerResponse,
  url: { params: Record<string, string>; query: URLSearchParams },
): Promise<void> {
  const raw = nodeRequest(request, response, url.query, 0)
  const requestId = raw.id
  try {
    // What begins now would be cut in a moment; a client that takes 200 for success would come back at once, in a loop.
    if (state.draining.aborted) throw drainingError()
    await streamRoutes[key]({ state, request, response, ...url, raw, requestId })
  } catch (error) {
    if (raw.signal.aborted || response.destroyed) return
    const { status, body, headers } = translateError(error, requestId, state.log)
    if (response.headersSent) return void response.destroy()
    response.writeHead(status, {
      ...headers,
      'content-type': 'application/json',
      'cache-control': 'no-store',
    })
    response.end(JSON.stringify(body))
  }
}

function drainingError(): AppError {
  return new AppError(
    'unavailable',
    'This server is about to stop: ask again, another one answers.',
    {
      retryAfterSeconds: 1,
    },
  )
}

async function answerLogFile({ state, response, params, query, raw }: Exchange): Promise<void> {
  const key = 'GET /api/runs/:namespace/:name/log.txt'
  const {
    ctx,
    person,
    params: ref,
  } = await authenticateAndAuthorize<typeof key, undefined, undefined>(key, state, raw, params, {})
  const asked = logFileQuery.safeParse(Object.fromEntries(query))
  if (!asked.success) throw new AppError('bad-request', 'format: plain or timed')
  const run = await visibleRun(ctx, ref, { log: true })
  const { container, step } = asked.data
  response.once('close', state.acquireDownload(person.user))
  const log = await state.runLogs.read({ run, container }, raw.signal)
  // A file that is cut is told from a whole one by its end.
  const holds = () => stillVisible(ctx, run, { log: true })
  watchRights(state, person, holds, () => response.destroy(), raw.signal)
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': `attachment; filename="${[run.metadata.name, container ?? step].filter(Boolean).join('-')}.log"`,
    'cache-control': 'no-store',
  })
  for await (const text of writeLogFile(log, asked.data, raw.signal)) {
    await writePart(response, text)
  }
  response.end()
}

function kindsOf(asked: string | null): ListKind[] {
  const names = (asked ?? listKinds.join(',')).split(',')
  const kinds = listKinds.filter((kind) => names.includes(kind))
  if (kinds.length === new Set(names).size) return kinds
  const message = `kinds: any of ${listKinds.join(', ')}`
  throw new AppError('bad-request', message, { fields: [{ field: 'kinds', message }] })
}

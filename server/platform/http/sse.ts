import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ByeReason, ControlEvent } from '#server/platform/model/control-events.ts'
import type { ErrorBody } from '#server/platform/model/errors.ts'
import { stalledMs } from './write-part.ts'

export type SseEvent = { event: string; id?: string | number } & (
  | { data: unknown }
  /** Already JSON: written once, sent to many. */
  | { json: string }
)

export type SseStream = {
  /** Aborts when the reader is gone, the stream's life is over or the process drains: release the source. */
  signal: AbortSignal
  /** Resolves when the reader has taken enough to be sent more; a slow one holds its own source back and nobody else's. */
  send(events: Iterable<SseEvent>): Promise<void>
  /** The same with what is encoded already: bytes that many readers may share. */
  sendFrames(frames: Uint8Array[]): Promise<void>
  /** Asks the reader to come back, which it does by itself. */
  bye(reason: ByeReason): void
  fail(body: ErrorBody): void
  end(): void
}

export type SseTimes = { heartbeatMs: number; maxLifeMs: number; draining: AbortSignal }

/** Of several logs at once: where one stands in each. */
const lastEventIdMax = 2_000

/** A proxy on the way holds nothing back and changes nothing. */
export const sseHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

/** Answers with a stream of events. Headers go out with a comment at once. */
export function openSse(
  request: IncomingMessage,
  response: ServerResponse,
  { heartbeatMs, maxLifeMs, draining }: SseTimes,
): SseStream {
  const closing = new AbortController()
  response.writeHead(200, sseHeaders)
  // Readers of a process that ends come back spread over a while, not all at once.
  response.write(`: open\nretry: ${500 + Math.floor(Math.random() * 2000)}\n\n`)

  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': beat\n\n')
  }, heartbeatMs)
  const life = setTimeout(() => bye('max-life'), maxLifeMs)
  const drain = () => bye('draining')
  draining.addEventListener('abort', drain, { once: true })
  response.once('close', close)
  response.once('error', close)
  request.socket.setKeepAlive(true, 30_000)
  if (draining.aborted) drain()

  function close() {
    clearInterval(heartbeat)
    clearTimeout(life)
    draining.removeEventListener('abort', drain)
    closing.abort()
  }

  function end() {
    if (!response.writableEnded) response.end()
    close()
  }

  function control(event: ControlEvent) {
    if (!response.writableEnded) response.write(textOf(event))
    end()
  }

  function bye(reason: ByeReason) {
    control({ event: 'bye', data: { reason } })
  }

  async function write(parts: (string | Uint8Array)[]): Promise<void> {
    if (closing.signal.aborted) return
    let isTaken = true
    // Not corked by us: a response that was would say that it is full, and never that it has drained.
    for (const part of parts) isTaken = response.write(part)
    if (isTaken) return
    const stalled = setTimeout(() => response.destroy(), stalledMs)
    await once(response, 'drain', { signal: closing.signal }).catch(() => {})
    clearTimeout(stalled)
  }

  return {
    signal: closing.signal,
    async send(events) {
      let text = ''
      for (const event of events) text += textOf(event)
      if (text !== '') await write([text])
    },
    sendFrames: write,
    bye,
    fail: (body) => control({ event: 'failed', data: body }),
    end,
  }
}

/** For more than one reader: the event's bytes. */
export function sseFrame(event: SseEvent): Uint8Array {
  return Buffer.from(textOf(event))
}

function textOf(event: SseEvent): string {
  const data = 'json' in event ? event.json : JSON.stringify(event.data)
  return `${event.id === undefined ? '' : `id: ${event.id}\n`}event: ${event.event}\ndata: ${data}\n\n`
}

/** Where the reader stood: the browser's own header, or the parameter with which the page opens a stream anew. */
export function lastEventId(request: IncomingMessage, query: URLSearchParams): string | undefined {
  const header = request.headers['last-event-id']
  const given = (typeof header === 'string' && header) || query.get('lastEventId') || undefined
  return given && given.length <= lastEventIdMax ? given : undefined
}

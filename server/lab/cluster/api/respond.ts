import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'yaml'
import type { Reply } from './handler.ts'
import { jsonOf } from './json-of.ts'
import { internalError, StatusError } from './status.ts'

/** Sentences for the caller beside the answer (`Warning: 299 - "…"`). */
export type Warnings = string[]

export function sendObject(
  response: ServerResponse,
  status: number,
  body: object,
  media: 'json' | 'yaml' = 'json',
  warnings: Warnings = [],
  mediaParameters = '',
): void {
  const text = media === 'yaml' ? stringify(body) : `${jsonOf(body)}\n`
  for (const sentence of warnings) response.appendHeader('warning', warningText(sentence))
  response.writeHead(status, {
    'content-type': `application/${media}${mediaParameters}`,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-cache, private',
  })
  response.end(text)
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  signal: AbortSignal,
): Promise<void> {
  if (reply === 'written') return
  if ('body' in reply) {
    for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value)
    sendObject(response, reply.status, reply.body)
    return
  }
  response.writeHead(reply.status, reply.headers)
  response.flushHeaders()
  try {
    await pipeline(Readable.from(reply.stream, { objectMode: true }), response, { signal })
  } catch {
    // The reader went, or the cluster closes: nobody is left to tell.
    response.destroy()
  }
}

/** The one place where errors become answers. Unknown ones are reported whole, and only named to the caller. */
export function sendError(
  response: ServerResponse,
  error: unknown,
  report: (error: unknown) => void,
): void {
  const known = error instanceof StatusError ? error : undefined
  if (!known) report(error)
  if (response.headersSent) {
    response.destroy()
    return
  }
  const status = known ?? internalError(error instanceof Error ? error.message : 'unknown error')
  const retry = status.details?.retryAfterSeconds
  if (retry !== undefined) response.setHeader('retry-after', String(retry))
  sendObject(response, status.code, status.toBody())
}

function warningText(sentence: string): string {
  const plain = sentence.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return `299 - "${[...plain].map((one) => (one >= ' ' && one <= '~' ? one : '?')).join('')}"`
}

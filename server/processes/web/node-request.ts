import type { IncomingMessage, ServerResponse } from 'node:http'
import { requestIdHeader } from '#server/platform/http/trusted-proxy.ts'
import type { RawRequest } from './authenticate.ts'
import { readLimited } from './route.ts'

/** A request to node's own server as `admit` sees it; its signal aborts when the caller is gone before the answer. */
export function nodeRequest(
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  bytesMax: number,
): RawRequest {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  return {
    method: request.method ?? 'GET',
    header: (name) => {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    query,
    body: () => readLimited(request, bytesMax),
    signal: gone.signal,
    id: requestIdOf(request),
  }
}

/** As our server settled it. */
export function requestIdOf(request: IncomingMessage): string {
  return String(request.headers[requestIdHeader])
}

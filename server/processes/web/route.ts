import type { z } from 'zod'
import { apiRoutes, type JsonKey, type RouteKey } from '#server/api-routes.ts'
import { translateError } from '#server/platform/http/translate-error.ts'
import { requestIdHeader } from '#server/platform/http/trusted-proxy.ts'
import { AppError, tooLarge } from '#server/platform/model/errors.ts'
import type { RouteDeclaration } from '#server/platform/model/route-declaration.ts'
import {
  type AuthorizedRequest,
  authenticateAndAuthorize,
  type RawRequest,
} from './authenticate.ts'
import type { ProcessState } from './process-state.ts'

export function bodyBytesMaxOf(key: RouteKey): number {
  const { bodyBytesMax }: RouteDeclaration = apiRoutes[key]
  return bodyBytesMax ?? 256 * 1024
}

type Answer = {
  status: number
  body?: unknown
  headers: Record<string, string>
  cookies: string[]
}

export type JsonRoute = {
  key: JsonKey
  /** What it takes, for the OpenAPI document. */
  takes: { query?: z.ZodType; body?: z.ZodType }
  answer(state: ProcessState, request: RawRequest, params: Record<string, string>): Promise<Answer>
}

/**
 * One route of the API: what it takes, and the use case that it calls. Its access stands in the table of
 * `server/api-routes.ts`; a key that is not there does not compile. What the handler returns is the answer's JSON;
 * undefined is 204.
 */
export function route<K extends JsonKey, Q = undefined, B = undefined>(
  key: K,
  definition: {
    query?: z.ZodType<Q>
    body?: z.ZodType<B>
    /** Of a success; 200 unless said. */
    status?: number | ((result: unknown) => number)
    /** What the handler returns is where the browser goes. */
    redirects?: true
    handle(asked: AuthorizedRequest<K, Q, B>): Promise<unknown>
  },
): JsonRoute {
  return {
    key,
    takes: { query: definition.query, body: definition.body },
    async answer(state, request, params) {
      const requestId = request.id
      const headers = { [requestIdHeader]: requestId, 'cache-control': 'no-store' }
      const startedMs = performance.now()
      let user: string | undefined
      let status = 200
      let body: unknown
      let more: Record<string, string> = {}
      const cookies: string[] = []
      try {
        const asked = await authenticateAndAuthorize(
          key,
          state,
          request,
          params,
          definition,
          (cookie) => {
            cookies.push(cookie)
          },
        )
        user = asked.person?.user
        body = await definition.handle(asked)
        status = body === undefined ? 204 : statusOf(definition.status, body)
        if (definition.redirects) {
          more = { location: String(body) }
          body = undefined
          status = 303
        }
      } catch (error) {
        const translated = translateError(error, requestId, state.log)
        status = translated.status
        body = translated.body
        more = translated.headers
      }
      const ms = Math.round(performance.now() - startedMs)
      const level = request.method === 'GET' ? 'debug' : 'info'
      state.log[level]({ requestId, route: key, params, user, status, ms }, 'request')
      return { status, body, headers: { ...headers, ...more }, cookies }
    },
  }
}

function statusOf(said: number | ((result: unknown) => number) | undefined, body: unknown): number {
  return typeof said === 'function' ? said(body) : (said ?? 200)
}

/** The whole body as text; rejects with `too-large` where it is, with `bad-request` where it broke off. */
export async function readLimited(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  bytesMax: number,
): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength
      if (bytes > bytesMax) throw tooLarge(bytesMax)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('bad-request', 'The body broke off.', { cause })
  }
  return Buffer.concat(chunks).toString('utf8')
}

import { type JsonKey, matchRoute, type RouteKey } from '#server/api-routes.ts'
import { requestIdHeader } from '#server/platform/http/trusted-proxy.ts'
import type { RawRequest } from './authenticate.ts'
import { jsonRoutes } from './json-routes.ts'
import { processState } from './process-state.ts'
import { bodyBytesMaxOf, readLimited } from './route.ts'

/**
 * What Next hands to the API's route table: JSON routes that are not native. The web server has matched the request
 * before, so a path that is in no table never comes here; it is a 404 all the same.
 */
export async function answerApiRequest(request: Request): Promise<Response> {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const match = matchRoute(method, new URL(request.url).pathname)
  if (!match || !isJson(match.key)) return new Response(null, { status: 404 })
  const { status, body, headers, cookies } = await jsonRoutes[match.key].answer(
    processState(),
    rawRequestOf(request, bodyBytesMaxOf(match.key)),
    match.params,
  )
  const answer =
    body === undefined
      ? new Response(null, { status, headers })
      : Response.json(body, { status, headers })
  for (const cookie of cookies) answer.headers.append('set-cookie', cookie)
  return answer
}

function isJson(key: RouteKey): key is JsonKey {
  return key in jsonRoutes
}

function rawRequestOf(request: Request, bytesMax: number): RawRequest {
  return {
    method: request.method,
    header: (name) => request.headers.get(name) ?? undefined,
    query: new URL(request.url).searchParams,
    body: () => readLimited(request.body ?? [], bytesMax),
    signal: request.signal,
    id: request.headers.get(requestIdHeader) ?? '',
  }
}

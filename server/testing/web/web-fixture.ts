import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { onTestFinished } from 'vitest'
import { matchRoute } from '#server/api-routes.ts'
import { isBehindTls, sessionCookieName } from '#server/platform/auth/session-cookie.ts'
import { parseConfig } from '#server/platform/config.ts'
import { httpMetrics } from '#server/platform/http/http-metrics.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createLog } from '#server/platform/log.ts'
import { openStore } from '#server/processes/open-store.ts'
import { answerApiRequest } from '#server/processes/web/answer-api-request.ts'
import { createProcessState } from '#server/processes/web/create-process-state.ts'
import { jsonRoutes } from '#server/processes/web/json-routes.ts'
import { setProcessState } from '#server/processes/web/process-state.ts'
import { createWebServer, type NextHandler } from '#server/processes/web/web-server.ts'
import { databaseUrl } from '#server/testing/database-url.ts'

const secret = 'a secret of at least thirty-two characters'

/** The web with everything but Next: its API routes are called as Next's handlers are. */
export async function startWeb(options: { kubeconfig: string; env?: Record<string, string> }) {
  const ended = new AbortController()
  const draining = new AbortController()
  // Scripted clusters answer reviews, and have no RBAC to be watched.
  const scripted = { REVIEW_EVERY_NAMESPACE: 'true' }
  const config = parseConfig({ NEXTAUTH_SECRET: secret, ...scripted, ...options.env })
  const log = createLog('test', 'error')
  const kube = connectKube({ kubeconfigText: options.kubeconfig, signal: ended.signal })
  const database = options.env?.DATABASE_URL ?? (await databaseUrl())
  const store = await openStore(database, { signal: ended.signal, log })
  const signals = { ended: ended.signal, draining: draining.signal }
  const state = await createProcessState({ config, log, kube, store, ...signals })
  setProcessState(state)
  const server = createWebServer(
    () => state,
    () => answerAsNext,
    httpMetrics(new Registry()),
  )
  server.listen(options.env?.PORT ? config.PORT : 0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  onTestFinished(() => {
    ended.abort()
    server.closeAllConnections()
    server.close()
    setProcessState(undefined)
  })

  function cookieOf({ token }: { token: string }): string {
    return `${sessionCookieName(isBehindTls(config))}=${token}`
  }

  return {
    url,
    server,
    cookieOf,
    databaseUrl: database,
    state,
    drain: () => draining.abort(),
    /** A browser in which this person is signed in. */
    async as(user: string, groups: string[] = []) {
      const session = await state.sessions.open({ user, name: user, groups })
      const cookie = cookieOf(session)
      return (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
        fetch(url + path, {
          method,
          headers: {
            cookie,
            'sec-fetch-site': 'same-origin',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          body:
            body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
        })
    },
  }
}

const answerAsNext: NextHandler = async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const match = matchRoute(request.method ?? 'GET', url.pathname)
  if (!match || !(match.key in jsonRoutes)) return void response.writeHead(404).end('a page')
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const asked = new Request(url, {
    method: request.method,
    headers: request.headers as Record<string, string>,
    body: hasBody && chunks.length > 0 ? Buffer.concat(chunks) : undefined,
  })
  const answer = await answerApiRequest(asked)
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.end(Buffer.from(await answer.arrayBuffer()))
}

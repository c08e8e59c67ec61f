import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { apiRoutes, routeKeys } from '#server/domain/api-routes.ts'
import type { RouteDeclaration } from '#server/domain/routes/declaration.ts'
import { bodyOf, sendJson, startScripted } from '#server/kube/scripted-api.ts'
import { startWeb } from './web-for-tests.ts'

type Attributes = { verb: string; resource: string; namespace?: string; name?: string }

const run = {
  apiVersion: 'tekton.dev/v1',
  kind: 'TaskRun',
  metadata: { namespace: 'model-serving-prod', name: 'bind-a', uid: 'u1', resourceVersion: '5' },
  spec: { taskRef: { name: 'bind-namespace' } },
}

/** A cluster that holds one run, lets nobody do anything but the rules, and never ends a watch. */
async function startCluster(allow: (user: string, asked: Attributes) => boolean) {
  const reviews: Attributes[] = []
  const api = await startScripted(async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path.endsWith('/subjectaccessreviews')) {
      const { spec } = JSON.parse(await bodyOf(request))
      reviews.push(spec.resourceAttributes)
      const allowed = allow(spec.user, spec.resourceAttributes)
      return sendJson(response, 201, { kind: 'SubjectAccessReview', status: { allowed } })
    }
    if (request.url?.includes('watch=')) return response.writeHead(200).flushHeaders()
    if (path.endsWith('/taskruns/bind-a')) return sendJson(response, 200, run)
    const isList = !/\/(taskruns|modelbindings|modelservices|namespaces)\/[^/]+$/.test(path)
    if (isList) {
      return sendJson(response, 200, {
        kind: 'List',
        metadata: { resourceVersion: '9' },
        items: [],
      })
    }
    const name = path.split('/').at(-1)
    sendJson(response, 404, { kind: 'Status', message: 'not found', details: { name } })
  })
  onTestFinished(() => api.close())
  return { kubeconfig: api.kubeconfig, reviews }
}

const nobody = () => false

function pathFor(key: (typeof routeKeys)[number]): [string, string] {
  const { sampleQuery = '' }: RouteDeclaration = apiRoutes[key]
  const [method = '', path = ''] = key.split(' ')
  const filled = path
    .replace(':namespace', 'research-team-a')
    .replace(':name', 'some')
    .replace(':id', '7f0b7a0e-3a0e-4e6b-9d64-0e6b6a1c2d3e')
  return [method, sampleQuery ? `${filled}?${sampleQuery}` : filled]
}

test('every route refuses who is not signed in, unless it is public', async () => {
  const web = await startWeb(await startCluster(nobody))
  for (const key of routeKeys) {
    const { access, sampleBody }: RouteDeclaration = apiRoutes[key]
    if (access.type === 'public') continue
    const [method, path] = pathFor(key)
    const answer = await fetch(web.url + path, {
      method,
      headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
      body: sampleBody && JSON.stringify(sampleBody),
    })
    expect([key, answer.status]).toEqual([key, 401])
    expect(await answer.json()).toMatchObject({ error: { code: 'unauthenticated' } })
  }
})

test('whoever has no rights gets 403, 404 or an empty list, from every route', async () => {
  const cluster = await startCluster(nobody)
  const web = await startWeb(cluster)
  const ask = await web.as('bo', ['research-team-b'])
  for (const key of routeKeys) {
    const { access, sampleBody, stream }: RouteDeclaration = apiRoutes[key]
    if (access.type === 'public' || (stream && access.type === 'signed-in')) continue
    const [method, path] = pathFor(key)
    const answer = await ask(method, path, sampleBody)
    const text = await answer.text()
    if (access.type === 'review') expect([key, answer.status]).toEqual([key, 403])
    else if (access.type !== 'signed-in') expect([key, answer.status]).toEqual([key, 404])
    // A preset of one's own needs nobody's leave.
    else if (key === 'POST /api/presets') expect([key, answer.status]).toEqual([key, 201])
    // Nor does the end of one's own session, had it been asked for well.
    else if (key === 'POST /api/sign-out') expect([key, answer.status]).toEqual([key, 400])
    else if (method !== 'GET') expect([key, answer.status]).toEqual([key, 403])
    else if (key === 'GET /api/runs/older') expect([key, text]).toEqual([key, '{"runs":[]}'])
    else if (key !== 'GET /api/me') expect([key, text]).toEqual([key, '[]'])
  }
})

test('a run that one may not see and one that is not there are answered alike', async () => {
  const web = await startWeb(await startCluster(nobody))
  const ask = await web.as('bo')
  for (const end of ['', '/log', '/log.txt']) {
    const told = await Promise.all(
      ['bind-a', 'bind-b'].map(async (name) => {
        const answer = await ask('GET', `/api/runs/model-serving-prod/${name}${end}`)
        const { error } = await answer.json()
        return [answer.status, error.code, error.message.replace(name, '')]
      }),
    )
    expect(told[0]).toEqual(told[1])
  }
})

test('reviews name the person, what is asked and where', async () => {
  const cluster = await startCluster((user, { verb }) => user === 'ada' && verb === 'get')
  const web = await startWeb(cluster)
  const ask = await web.as('ada')
  expect((await ask('GET', '/api/runs/model-serving-prod/bind-a')).status).toBe(200)
  await ask('GET', '/api/bindings/research-team-a/one')
  expect(cluster.reviews).toContainEqual(
    expect.objectContaining({
      verb: 'get',
      group: 'bindery.dev',
      resource: 'modelbindings',
      namespace: 'research-team-a',
      name: 'one',
    }),
  )
})

test.each([
  ['a broken body', '{', {}, 400],
  ['no JSON', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
  ['unknown fields', { everything: true }, {}, 400],
  ['a body without end', JSON.stringify({ a: 'x'.repeat(300_000) }), {}, 413],
  ['a page of another origin', {}, { 'sec-fetch-site': 'cross-site' }, 403],
  ['an origin of old browsers', {}, { 'sec-fetch-site': '', origin: 'https://evil.example' }, 403],
])('%s is refused with words', async (_name, body, headers, status) => {
  const web = await startWeb(await startCluster(() => true))
  const ask = await web.as('ada')
  const answer = await ask('POST', '/api/bindings', body, headers)
  expect(answer.status).toBe(status)
  const { error } = await answer.json()
  expect(error).toMatchObject({ message: expect.any(String), requestId: expect.any(String) })
})

test('names that are none never reach the cluster', async () => {
  const web = await startWeb(await startCluster(() => true))
  const ask = await web.as('ada')
  for (const name of ['..%2f..', 'UPPER', '%00', '%', 'a'.repeat(300)]) {
    const answer = await ask('GET', `/api/bindings/research-team-a/${name}`)
    expect([name, answer.status]).toEqual([name, 400])
  }
})

test('what is no route says so, and which methods there are', async () => {
  const web = await startWeb(await startCluster(nobody))
  expect((await fetch(`${web.url}/api/nothing`)).status).toBe(404)
  const wrong = await fetch(`${web.url}/api/bindings`, { method: 'PUT' })
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, POST'])
})

test('a body that is too large is refused, and the connection serves the next request', async () => {
  const web = await startWeb(await startCluster(nobody))
  const dispatcher = new Agent({ connections: 1, pipelining: 1 })
  onTestFinished(() => dispatcher.close())
  const body = JSON.stringify({ justification: 'x'.repeat(4_000_000) })
  const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
  const refused = await request(`${web.url}/api/bindings`, {
    method: 'POST',
    dispatcher,
    headers,
    body,
  })
  expect(refused.statusCode).toBe(413)
  expect(await refused.body.json()).toMatchObject({ error: { code: 'too-large' } })
  const next = await request(`${web.url}/api/me`, { dispatcher })
  expect(next.statusCode).toBe(401)
  await next.body.dump()
})

test('Next is asked for no page by a method of others, and given no body that a sign-in has not', async () => {
  const web = await startWeb(await startCluster(nobody))
  const form = 'application/x-www-form-urlencoded'
  const chunked = () => new Blob(['x'.repeat(10)]).stream()
  const cases: [what: string, path: string, init: RequestInit, status: number][] = [
    ['a page', '/access', {}, 404],
    ['a sign-in', '/api/auth/callback/demo', { method: 'POST', body: 'person=ada' }, 404],
    ['a page by PUT', '/access', { method: 'PUT', body: 'x' }, 405],
    ['a server action', '/sign-in', { method: 'POST', headers: { 'next-action': '7f' } }, 405],
    ['a sign-in by PATCH', '/api/auth/session', { method: 'PATCH' }, 405],
    ['a long form', '/api/auth/callback/demo', { method: 'POST', body: 'x'.repeat(70_000) }, 413],
    [
      'a form without end',
      '/api/auth/callback/demo',
      { method: 'POST', body: chunked(), duplex: 'half' } as RequestInit,
      413,
    ],
  ]
  for (const [what, path, init, status] of cases) {
    const headers = { 'content-type': form, ...init.headers }
    const answer = await fetch(web.url + path, { ...init, headers })
    expect([what, answer.status]).toEqual([what, status])
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/^GET, HEAD/)
    await answer.text()
  }
  for (const path of ['*', 'http://evil.example/access']) {
    const asked = get({ host: '127.0.0.1', port: new URL(web.url).port, path })
    const [answer] = await once(asked, 'response')
    expect([path, answer.statusCode]).toEqual([path, 400])
    answer.resume()
  }
})

test('a request has to come whole, and soon', async () => {
  const { server } = await startWeb(await startCluster(nobody))
  expect([server.headersTimeout, server.requestTimeout]).toEqual([15_000, 60_000])
})

test('the head of a stream is told at once, and holds nothing', async () => {
  const web = await startWeb(await startCluster(() => true))
  const ask = await web.as('ada')
  const answer = await ask('HEAD', '/api/stream')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ])
  expect((await ask('HEAD', '/api/runs/model-serving-prod/none/log')).status).toBe(404)
})

test('a person has so many streams and no more, and nobody else has fewer for it', async () => {
  const env = { STREAMS_PER_PERSON: '2' }
  const web = await startWeb({ ...(await startCluster(() => true)), env })
  const [ada, again, bo] = [await web.as('ada'), await web.as('ada'), await web.as('bo')]
  const open = [await ada('GET', '/api/stream'), await again('GET', '/api/stream')]
  expect(open.map(({ status }) => status)).toEqual([200, 200])
  const refused = await ada('GET', '/api/stream')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
  expect(await refused.json()).toMatchObject({ error: { key: 'tooManyStreams' } })
  const other = await bo('GET', '/api/stream')
  expect(other.status).toBe(200)
  await Promise.all([open[0]?.body?.cancel(), other.body?.cancel()])
  const statusNow = async () => {
    const answer = await ada('GET', '/api/stream')
    await answer.body?.cancel()
    return answer.status
  }
  await expect.poll(statusNow).toBe(200)
})

test('every answer carries the headers that keep a browser safe, with a nonce of its own', async () => {
  const web = await startWeb(await startCluster(nobody))
  const [one, two] = await Promise.all([fetch(`${web.url}/access`), fetch(`${web.url}/access`)])
  const policy = one.headers.get('content-security-policy') ?? ''
  expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=]+' 'strict-dynamic';/)
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toBe(two.headers.get('content-security-policy'))
  expect(one.headers.get('x-content-type-options')).toBe('nosniff')
})

test('health names what is missing', async () => {
  const env = { GATEWAY_URL: 'http://127.0.0.1:9' }
  const web = await startWeb({ ...(await startCluster(nobody)), env })
  const answer = await fetch(`${web.url}/api/health`)
  expect(answer.status).toBe(503)
  const { parts } = await answer.json()
  const states = Object.fromEntries(
    parts.map((part: { name: string; ok: boolean }) => [part.name, part.ok]),
  )
  expect(states).toMatchObject({ database: true, controller: false, gateway: false, model: false })
})

test('each route that Next answers has its file', () => {
  const nextHas = new Map<string, boolean>()
  for (const key of routeKeys) {
    const { stream, native }: RouteDeclaration = apiRoutes[key]
    const path = (key.split(' ')[1] ?? '').replaceAll(/:(\w+)/g, '[$1]')
    const file = join(import.meta.dirname, '../../app', path, 'route.ts')
    nextHas.set(file, nextHas.get(file) || (!stream && !native))
  }
  for (const [file, has] of nextHas) expect([file, existsSync(file)]).toEqual([file, has])
})

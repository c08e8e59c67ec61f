import { Agent, request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { apiRoutes, routeKeys } from '#server/api-routes.ts'
import type { RouteDeclaration } from '#server/platform/model/route-declaration.ts'
import { nobody, startCluster } from '#server/testing/web/cluster-fixture.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'

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
  const ask = await web.as('ada', ['research-team-a'])
  expect((await ask('GET', '/api/runs/model-serving-prod/bind-a')).status).toBe(200)
  await ask('GET', '/api/bindings/research-team-a/one')
  expect(cluster.reviews).toContainEqual(
    expect.objectContaining({
      verb: 'get',
      group: 'bindery.dev',
      resource: 'modelbindings',
      namespace: 'research-team-a',
      name: 'one',
      groups: ['research-team-a', 'system:authenticated'],
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
    for (const path of [`research-team-a/${name}`, `${name}/some`]) {
      const answer = await ask('GET', `/api/bindings/${path}`)
      expect([path, answer.status]).toEqual([path, 400])
    }
  }
})

test('a name that is none answers 400 in every route that takes one', async () => {
  const web = await startWeb(await startCluster(() => true))
  const ask = await web.as('ada')
  const wrong: string[] = []
  for (const [key, { access }] of Object.entries(apiRoutes)) {
    const [method = '', path = ''] = key.split(' ')
    if (!path.includes('/:') || access.type === 'public') continue
    for (const bad of ['%00', '%ff', '%', '%2e%2e%2f', '%0a', '%E2%80%AE']) {
      const body = method === 'GET' || method === 'DELETE' ? undefined : {}
      const answer = await ask(method, path.replaceAll(/:\w+/g, bad), body)
      await answer.body?.cancel()
      if (answer.status !== 400) wrong.push(`${method} ${path} ${bad}: ${answer.status}`)
    }
  }
  expect(wrong).toEqual([])
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

test('every answer carries the headers that keep a browser safe, with a nonce of its own', async () => {
  const web = await startWeb(await startCluster(nobody))
  const [one, two, told] = await Promise.all(
    ['/access', '/access', '/api/me'].map((path) => fetch(web.url + path)),
  )
  const nonces = [one, two].map((answer) => {
    const policy = answer?.headers.get('content-security-policy') ?? ''
    const nonce = /'nonce-([\w+/=]+)'/.exec(policy)?.[1] ?? ''
    expect(policy.replace(nonce, 'N').split('; ')).toEqual([
      "default-src 'self'",
      "script-src 'self' 'nonce-N' 'strict-dynamic'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "font-src 'self' data:",
      "connect-src 'self'",
      "worker-src 'self' blob:",
      "form-action 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ])
    return nonce
  })
  expect(new Set(nonces).size).toBe(2)
  for (const [name, value] of [
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'same-origin'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
  ] as const) {
    expect([name, told?.headers.get(name)]).toEqual([name, value])
  }
  expect(told?.headers.get('cache-control')).toBe('no-store')
})

test('a right that our own account lacks is a fault of ours, and no failure says more than its number', async () => {
  const web = await startWeb(await startCluster(() => true))
  const ask = await web.as('ada')
  const answer = await ask('GET', '/api/bindings/research-team-a/forbidden-to-us')
  expect(answer.status).toBe(500)
  expect(await answer.json()).toEqual({
    error: {
      code: 'internal',
      message: 'Something went wrong on our side.',
      requestId: answer.headers.get('x-request-id'),
    },
  })
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

test('a process that drains refuses every new stream, and says when to ask again', async () => {
  const web = await startWeb(await startCluster(nobody))
  const ask = await web.as('bo')
  web.drain()
  for (const key of routeKeys) {
    const { stream }: RouteDeclaration = apiRoutes[key]
    if (!stream) continue
    const answer = await ask(...pathFor(key))
    const { status, headers } = answer
    expect([key, status, headers.get('retry-after')]).toEqual([key, 503, '1'])
    expect(headers.get('connection')).toBe('close')
    expect(await answer.json()).toMatchObject({ error: { code: 'unavailable' } })
  }
})

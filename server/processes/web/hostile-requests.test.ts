import { once } from 'node:events'
import { get } from 'node:http'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { apiRoutes, type JsonKey, routeKeys } from '#server/api-routes.ts'
import type { RouteDeclaration } from '#server/platform/model/route-declaration.ts'
import { nobody, startCluster } from '#server/testing/web/cluster-fixture.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'
import { route } from './route.ts'

test('JSON says so, and what no database can hold in it is read as something that it can', async () => {
  const web = await startWeb(await startCluster(() => true))
  const ask = await web.as('ada')
  for (const path of ['/api/conversations?search=%00', '/api/audit?who=%00&text=%00']) {
    expect([path, (await ask('GET', path)).status]).toEqual([path, 200])
  }
  const { sampleBody } = apiRoutes['POST /api/presets']
  const made = await ask('POST', '/api/presets', { ...sampleBody, title: 'a\0b\ud800' })
  expect(made.status).toBe(201)
  // A page of anybody's can send this one without asking first.
  const plain = await ask('POST', '/api/presets', sampleBody, { 'content-type': 'text/plain' })
  expect(plain.status).toBe(400)
  expect(await made.json()).toMatchObject({ title: 'a\ufffdb\ufffd' })
})

test('a handler is called for whoever may, and for nobody else, whatever it asks itself', async () => {
  const cluster = await startCluster((user) => user === 'ada')
  const web = await startWeb(cluster)
  const keys = routeKeys.filter((key) => apiRoutes[key].access.type === 'review')
  expect(keys.length).toBeGreaterThan(10)
  for (const user of ['ada', 'bo']) {
    const cookie = web.cookieOf(await web.state.sessions.open({ user, name: user, groups: [] }))
    const headers = new Map([
      ['cookie', cookie],
      ['content-type', 'application/json'],
      ['sec-fetch-site', 'same-origin'],
    ])
    for (const key of keys) {
      let called = false
      const { sampleBody = {} }: RouteDeclaration = apiRoutes[key]
      const handle = async () => {
        called = true
      }
      const request = {
        method: key.split(' ')[0] ?? '',
        header: (name: string) => headers.get(name),
        query: new URLSearchParams(),
        body: async () => JSON.stringify(sampleBody),
        signal: new AbortController().signal,
        id: '',
      }
      const params = { namespace: 'research-team-a', name: 'some' }
      const guarded = route(key as JsonKey, { body: z.any(), handle })
      const { status } = await guarded.answer(web.state, request, params)
      expect([key, user, status, called]).toEqual([
        key,
        user,
        ...(user === 'ada' ? [204, true] : [403, false]),
      ])
    }
  }
  for (const key of keys) {
    const { access, sampleBody = {} }: RouteDeclaration = apiRoutes[key]
    if (access.type !== 'review') continue
    const { verb, resource } = access
    const name = access.in === 'path' && verb !== 'create' ? 'some' : undefined
    const namespaces = {
      path: 'research-team-a',
      serving: 'model-serving-prod',
      body: z.looseObject({ namespace: z.string().optional() }).parse(sampleBody).namespace,
    }
    const asked = cluster.reviews.find(
      (one) =>
        one.verb === verb &&
        one.resource === resource.split('.')[0] &&
        one.namespace === namespaces[access.in] &&
        one.name === name,
    )
    expect([key, asked]).toEqual([key, expect.anything()])
  }
})

test('Next is asked for no page by a method of others, and given no body', async () => {
  const web = await startWeb(await startCluster(nobody))
  const form = 'application/x-www-form-urlencoded'
  const chunked = () => new Blob(['x'.repeat(10)]).stream()
  const cases: [what: string, path: string, init: RequestInit, status: number][] = [
    ['a page', '/access', {}, 404],
    ['a page by PUT', '/access', { method: 'PUT', body: 'x' }, 405],
    ['a server action', '/sign-in', { method: 'POST', headers: { 'next-action': '7f' } }, 405],
    ['a form', '/sign-in', { method: 'POST', body: 'x'.repeat(70_000) }, 405],
    [
      'a form without end',
      '/sign-in',
      { method: 'POST', body: chunked(), duplex: 'half' } as RequestInit,
      405,
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

test('a body that does not say how long it is, is read as far as one may be', async () => {
  const web = await startWeb(await startCluster(() => true))
  const ask = await web.as('ada')
  const sent = (chars: number) =>
    fetch(`${web.url}/api/sign-out/provider`, {
      method: 'POST',
      body: new Blob(['logout_token=', 'x'.repeat(chars)]).stream(),
      duplex: 'half',
    } as RequestInit)
  expect((await sent(300_000)).status).toBe(413)
  expect((await sent(100_000)).status).toBe(400)
  expect((await ask('GET', '/api/conversations/no-id')).status).toBe(400)
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

test('bodies of any shape are refused soon and with a short answer, and nothing of a body is read of who may not send it', async () => {
  const cluster = await startCluster((user) => user === 'ada')
  const web = await startWeb(cluster)
  const ask = await web.as('ada')
  const { sampleBody } = apiRoutes['POST /api/generations']
  const keys = Object.fromEntries(
    Array.from({ length: 3_900 }, (_, i) => [`${i}`.padStart(40, 'k'), 1]),
  )
  for (const body of [
    { ...sampleBody, ...keys },
    { ...sampleBody, variants: Array.from({ length: 1_900 }, () => ({})) },
    { ...sampleBody, variants: Array.from({ length: 200_000 }, () => ({})) },
    { ...sampleBody, variants: [keys] },
    { ...sampleBody, ['k'.repeat(1_000_000)]: 1 },
    `{"a":${'['.repeat(100_000)}`,
  ]) {
    const answer = await ask('POST', '/api/generations', body)
    expect(answer.status).toBe(400)
    expect((await answer.text()).length).toBeLessThan(12_000)
  }

  const session = await web.state.sessions.open({ user: 'bo', name: 'Bo', groups: [] })
  const cookie = await web.cookieOf(session)
  const headers = new Map([
    ['cookie', cookie],
    ['content-type', 'application/json'],
    ['sec-fetch-site', 'same-origin'],
  ])
  let read = false
  const key = 'POST /api/bindings/:namespace/:name/decision'
  const guarded = route(key, { body: z.any(), handle: async () => ({}) })
  const { status } = await guarded.answer(
    web.state,
    {
      method: 'POST',
      header: (name) => headers.get(name),
      query: new URLSearchParams(),
      body: async () => {
        read = true
        return '{}'
      },
      signal: new AbortController().signal,
      id: '',
    },
    { namespace: 'research-team-a', name: 'some' },
  )
  expect([status, read]).toEqual([403, false])
})

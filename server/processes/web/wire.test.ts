import type { IncomingMessage } from 'node:http'
import pg from 'pg'
import { request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '#e2e/support/free-port.ts'
import { client, startProvider } from '#e2e/support/oidc-provider.ts'
import { createOriginResolver } from '#server/platform/http/trusted-proxy.ts'
import { sendJson, startScripted } from '#server/testing/scripted-api.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'
import { readLimited } from './route.ts'

/** A web before an empty cluster, asked as a proxy or an attacker would: every header as it is given. */
async function web(env: Record<string, string> = {}) {
  const api = await startScripted((asked, response) => {
    if (asked.url?.includes('watch=')) return response.writeHead(200).flushHeaders()
    sendJson(response, 200, { kind: 'List', metadata: { resourceVersion: '9' }, items: [] })
  })
  onTestFinished(() => api.close())
  const started = await startWeb({ kubeconfig: api.kubeconfig, env })
  return {
    ...started,
    async ask(path: string, headers: Record<string, string> = {}) {
      const answer = await request(started.url + path, { headers })
      const text = await answer.body.text()
      return { status: answer.statusCode, headers: answer.headers, text }
    },
    /** What the audit trail says of a sign-out that came with these headers. */
    async signOutWith(headers: Record<string, string>) {
      const ask = await started.as('ada')
      const answer = await ask('POST', '/api/sign-out', { everywhere: false }, headers)
      expect(answer.status).toBe(200)
      const client = new pg.Client({ connectionString: started.databaseUrl })
      await client.connect()
      onTestFinished(() => client.end())
      const records = async () =>
        (await client.query(`select content from audit`)).rows.map(({ content }) =>
          typeof content === 'string' ? JSON.parse(content) : content,
        )
      await expect.poll(records, { timeout: 20_000 }).toHaveLength(1)
      const [{ requestId, source, what }] = await records()
      return { told: answer.headers.get('x-request-id'), requestId, source, what }
    },
  }
}

const spoofed = {
  'x-forwarded-for': '203.0.113.7, 198.51.100.9',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  'x-real-ip': '203.0.113.7',
  'x-bindery-source': '203.0.113.7',
  forwarded: 'for=203.0.113.7;proto=https;host=evil.example',
  'x-request-id': 'chosen-by-the-caller',
}

test('nothing that a caller says of where it comes from is believed', async () => {
  const { signOutWith, ask } = await web()
  const { told, requestId, source, what } = await signOutWith(spoofed)
  expect([what, source]).toEqual(['signed-out', '127.0.0.1'])
  expect(requestId).toBe(told)
  expect(told).not.toBe(spoofed['x-request-id'])
  const page = await ask('/access', spoofed)
  expect(page.headers['strict-transport-security']).toBeUndefined()
})

test('a trusted proxy is believed: the last address that is not its own, TLS, and the number of the request', async () => {
  const { signOutWith, ask } = await web({ TRUSTED_PROXIES: '127.0.0.0/8, 198.51.100.0/24, ::1' })
  expect(await signOutWith(spoofed)).toEqual({
    what: 'signed-out',
    told: 'chosen-by-the-caller',
    requestId: 'chosen-by-the-caller',
    source: '203.0.113.7 by 127.0.0.1',
  })
  const page = await ask('/access', spoofed)
  expect(page.headers['strict-transport-security']).toBe('max-age=31536000')
  // What stands before it came with the request: anybody could have written it.
  const { 'strict-transport-security': secure } = (
    await ask('/access', { 'x-forwarded-proto': 'https, http' })
  ).headers
  expect(secure).toBeUndefined()
  for (const bad of ['short', 'with spaces in it', 'x'.repeat(200)]) {
    const { headers } = await ask('/api/me', { 'x-request-id': bad })
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  }
})

test('of the hops and names that a request passed, the last that a proxy wrote counts', async () => {
  const own = 'bindery.example.org'
  const settle = createOriginResolver({
    TRUSTED_PROXIES: ['10.0.0.0/8'],
    NEXTAUTH_URL: `https://${own}`,
  })
  const settled = (remoteAddress: string, headers: Record<string, string>) => {
    const request = { url: '/runs', headers, socket: { remoteAddress } }
    return { ...settle(request as unknown as IncomingMessage), headers: request.headers }
  }
  const way = {
    ...spoofed,
    'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.0.0.9',
    'x-forwarded-host': `evil.example, ${own}`,
    'x-original-url': '/admin',
    'x-rewrite-url': '/admin',
    host: 'evil.example',
  }
  const believed = settled('::ffff:10.0.0.1', { ...way })
  expect([believed.isMisdirected, believed.headers]).toEqual([
    false,
    {
      host: own,
      'x-forwarded-host': own,
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '203.0.113.7',
      'x-request-id': 'chosen-by-the-caller',
      'x-bindery-source': '203.0.113.7 by 10.0.0.1',
      'x-bindery-target': '/runs',
    },
  ])
  const stranger = settled('203.0.113.9', { ...way })
  expect([stranger.isMisdirected, stranger.headers]).toEqual([
    true,
    {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '203.0.113.9',
      'x-request-id': stranger.requestId,
      'x-bindery-source': '203.0.113.9',
      'x-bindery-target': '/runs',
    },
  ])
  const swapped = { 'x-forwarded-host': `${own}, evil.example`, host: own }
  expect(settled('10.0.0.1', swapped).isMisdirected).toBe(true)
})

test('what is asked for by another name is answered with nothing', async () => {
  const { ask } = await web({ NEXTAUTH_URL: 'https://bindery.example.org' })
  const own = await ask('/access', { host: 'bindery.example.org' })
  expect([own.status, own.headers['strict-transport-security']]).toEqual([404, 'max-age=31536000'])
  for (const host of [
    'evil.example',
    'bindery.example.org.evil.example',
    'localhost',
    '127.0.0.1',
  ]) {
    const { status, text } = await ask('/api/health', { host })
    expect([host, status]).toEqual([host, 421])
    expect(text).not.toContain('kubernetes')
  }
})

test('one machine’s own address has many names, and none that a name server gives', async () => {
  const { ask } = await web({ NEXTAUTH_URL: 'http://localhost:3000' })
  for (const [host, status] of [
    ['localhost:3000', 401],
    ['127.0.0.1:3000', 401],
    ['[::1]:3000', 401],
    ['rebound.example:3000', 421],
  ] as const) {
    expect([host, (await ask('/api/me', { host })).status]).toEqual([host, status])
  }
})

test('a provider’s word that somebody has signed out ends that session, and no other', async () => {
  const port = await freePort()
  const provider = await startProvider(`http://127.0.0.1:${port}`)
  onTestFinished(() => provider.close())
  const { state, url, cookieOf } = await web({
    PORT: String(port),
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: client.id,
    OIDC_CLIENT_SECRET: client.secret,
  })
  const ella = { user: 'ella', name: 'Ella', groups: [] }
  const [ended, other] = await Promise.all(
    ['one', 'other'].map(async (session) =>
      cookieOf(
        await state.sessions.open(ella, {
          subject: 'ella',
          session,
          tokens: {},
          freshForSeconds: 60,
        }),
      ),
    ),
  )
  // A logout token ends what began before it, and its time is in whole seconds.
  await provider.tellSignedOut('ella', 'one')
  const statusOf = async (cookie = '') =>
    (await fetch(`${url}/api/me`, { headers: { cookie } })).status
  expect([await statusOf(ended), await statusOf(other)]).toEqual([401, 200])
  for (const logout_token of ['', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJlbGxhIn0.']) {
    const body = new URLSearchParams({ logout_token })
    const refused = await fetch(`${url}/api/sign-out/provider`, { method: 'POST', body })
    expect(refused.status).toBe(400)
  }
  expect(await statusOf(other)).toBe(200)
  // Its keys may have changed a moment after they were asked for.
  provider.rotateKeys()
  await provider.tellSignedOut('ella', 'other')
  expect(await statusOf(other)).toBe(401)
})

test('a body that breaks off is the caller’s, not a fault of ours', async () => {
  async function* broken() {
    yield Buffer.from('{')
    throw new Error('aborted')
  }
  await expect(readLimited(broken(), 10)).rejects.toMatchObject({ code: 'bad-request' })
})

test('only a page of ours changes anything', async () => {
  const { url, state, cookieOf } = await web({ NEXTAUTH_URL: 'https://bindery.example.org' })
  const cases: [string, Record<string, string>, number][] = [
    ['our own page', { 'sec-fetch-site': 'same-origin' }, 200],
    ['our own origin, of an old browser', { origin: 'https://bindery.example.org' }, 200],
    ['our name without TLS', { origin: 'http://bindery.example.org' }, 403],
    ['a neighbour of the same domain', { 'sec-fetch-site': 'same-site' }, 403],
    [
      'another site',
      { 'sec-fetch-site': 'cross-site', origin: 'https://bindery.example.org' },
      403,
    ],
    ['a page that hides where it is', { origin: 'null' }, 403],
    ['nobody', {}, 403],
  ]
  for (const [name, headers, status] of cases) {
    const session = await state.sessions.open({ user: 'ada', name: 'Ada', groups: [] })
    const answer = await request(`${url}/api/sign-out`, {
      method: 'POST',
      headers: {
        host: 'bindery.example.org',
        'content-type': 'application/json',
        cookie: cookieOf(session),
        ...headers,
      },
      body: JSON.stringify({ everywhere: false }),
    })
    expect([name, answer.statusCode]).toEqual([name, status])
    await answer.body.dump()
  }
})

test('demo people sign in by their names where there is no provider, and by nothing else', async () => {
  const people = [{ id: 'ada', name: 'Ada', role: 'researcher', groups: ['research-team-a'] }]
  const { url } = await web({ DEMO_PEOPLE: JSON.stringify(people) })
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
    })
  const ada = await post('/api/sign-in/demo', { person: 'ada' })
  const cookie = ada.headers.getSetCookie()[0] ?? ''
  expect(cookie).toMatch(
    /^bindery\.session-token=[\w-]{43}; Path=\/; Max-Age=28800; HttpOnly; SameSite=Lax$/,
  )
  const me = await fetch(`${url}/api/conversations`, {
    headers: { cookie: cookie.split(';')[0] ?? '' },
  })
  expect(me.status).toBe(200)
  for (const body of [{ person: 'mallory' }, { person: 7 }, {}]) {
    const refused = await post('/api/sign-in/demo', body)
    expect([refused.ok, refused.headers.getSetCookie()]).toEqual([false, []])
  }
  const foreign = await post(
    '/api/sign-in/demo',
    { person: 'ada' },
    { 'sec-fetch-site': 'cross-site' },
  )
  expect(foreign.status).toBe(403)
  expect((await post('/api/sign-in', {})).status).toBe(404)
})

import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { sendJson as sendKube, startScripted } from '#server/testing/scripted-api.ts'
import { newBrowser } from '#server/testing/web/http-browser.ts'
import { sendJson, startScriptedProvider } from '#server/testing/web/scripted-provider.ts'
import { startWeb } from '#server/testing/web/web-fixture.ts'

let provider: Awaited<ReturnType<typeof startScriptedProvider>>
let api: Awaited<ReturnType<typeof startScripted>>

beforeAll(async () => {
  api = await startScripted((asked, response) => {
    if (asked.url?.includes('watch=')) return response.writeHead(200).flushHeaders()
    sendKube(response, 200, { kind: 'List', metadata: { resourceVersion: '9' }, items: [] })
  })
})
afterAll(() => api.close())
beforeEach(async () => {
  provider = await startScriptedProvider()
  onTestFinished(() => provider.close())
})

async function startSignIn(env: Record<string, string> = {}) {
  const web = await startWeb({ kubeconfig: api.kubeconfig, env: { ...provider.settings, ...env } })
  return { url: web.url, browser: () => newBrowser(web.url) }
}

test('an id token signs in by each algorithm of the field that discovery names', async () => {
  const algorithms = [
    ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
    ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
  ]
  provider.state.discovery.id_token_signing_alg_values_supported = algorithms
  const { browser } = await startSignIn()
  for (const alg of algorithms) {
    // A key of its own, hence a rotation as well.
    await provider.signBy(alg)
    const one = browser()
    expect([alg, await one.signIn()]).toEqual([alg, '/runs?state=failed'])
    expect([alg, await one.status()]).toEqual([alg, 200])
    expect([...one.cookies.keys()]).toEqual(['bindery.session-token'])
  }
})

test('what proves no signer, or comes from another issuer, is told as such and signs nobody in', async () => {
  const lies: [what: string, lie: () => void][] = [
    [
      'an algorithm that discovery does not name',
      () => {
        provider.state.discovery.id_token_signing_alg_values_supported = ['ES256']
      },
    ],
    [
      'a MAC',
      () => {
        provider.state.discovery.id_token_signing_alg_values_supported = ['HS256']
      },
    ],
    [
      'a key that is not published',
      () => {
        provider.state.published = []
      },
    ],
    [
      'a forged token',
      () => {
        provider.state.token.id_token = `${btoa('{"alg":"none"}').replaceAll('=', '')}.e30.`
      },
    ],
    [
      'another issuer in the token',
      () => {
        provider.state.claims.iss = 'https://evil.example'
      },
    ],
    [
      'another audience',
      () => {
        provider.state.claims.aud = 'another'
      },
    ],
    [
      'another nonce',
      () => {
        provider.state.claims.nonce = 'replayed'
      },
    ],
  ]
  const browser = (await startSignIn()).browser()
  for (const [what, lie] of lies) {
    lie()
    expect([what, await browser.signIn()]).toEqual([
      what,
      '/sign-in?error=ProviderUnusable&callbackUrl=%2Fruns%3Fstate%3Dfailed',
    ])
    expect([what, [...browser.cookies]]).toEqual([what, []])
    Object.assign(provider.state, { discovery: {}, claims: {}, token: {}, published: undefined })
  }
  provider.state.discovery.issuer = 'https://evil.example'
  expect(await (await startSignIn()).browser().begin()).toBe('503 session.providerUnusable')
})

test('a clock that is off by most of a minute, either way, refuses nobody', async () => {
  const { browser } = await startSignIn()
  for (const seconds of [-50, 50]) {
    provider.state.clockSeconds = seconds
    provider.state.claims.exp = Math.floor(Date.now() / 1000) + Math.min(seconds, 0)
    expect([seconds, await browser().signIn()]).toEqual([seconds, '/runs?state=failed'])
  }
  provider.state.clockSeconds = -600
  provider.state.claims = {}
  expect(await browser().signIn()).toContain('error=ProviderUnusable')
})

test('each failure is told by its own words', async () => {
  const { browser } = await startSignIn()
  const cases: [claims: Record<string, unknown>, error: string][] = [
    [{ preferred_username: undefined }, 'NoUserName'],
    [{ preferred_username: 'system:admin' }, 'ReservedName'],
    [{ preferred_username: 'bindery:auto' }, 'ReservedName'],
    [{ preferred_username: 'ada\u200b' }, 'UnreadableName'],
    [{ preferred_username: 'ada\nroot' }, 'UnreadableName'],
    [
      { groups: undefined, _claim_names: { groups: 'src1' }, _claim_sources: { src1: {} } },
      'GroupsNotListed',
    ],
  ]
  for (const [claims, error] of cases) {
    provider.state.claims = claims
    expect(await browser().signIn()).toContain(`/sign-in?error=${error}&`)
  }
  provider.state.claims = {}
  for (const [status, headers, body, error] of [
    [
      401,
      { 'www-authenticate': 'Basic realm="x"' },
      { error: 'invalid_client' },
      'ProviderRefusesClient',
    ],
    [400, {}, { error: 'unauthorized_client' }, 'ProviderRefusesClient'],
    [400, {}, { error: 'invalid_grant' }, 'Failed'],
    [200, {}, 'no JSON', 'ProviderUnusable'],
    [503, {}, {}, 'ProviderAway'],
  ] as const) {
    provider.state.instead['/token'] = (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    }
    expect(await browser().signIn()).toContain(`/sign-in?error=${error}&`)
  }
  provider.state.instead = {
    '/authorize'({ url = '' }, response) {
      const query = new URL(url, provider.issuer).searchParams
      const told = new URLSearchParams({ error: 'access_denied', state: query.get('state') ?? '' })
      response.writeHead(302, { location: `${query.get('redirect_uri')}?${told}` }).end()
    },
  }
  expect(await browser().signIn()).toContain('/sign-in?error=AccessDenied&')
})

test('two tabs sign in at once, each to its own page; six leave five attempts; a state of another browser is none', async () => {
  const { browser, url } = await startSignIn()
  const one = browser()
  const [first, second] = [await one.begin('/runs'), await one.begin('/access')]
  expect(await one.goOn(first)).toBe('/runs')
  expect(await one.goOn(second)).toBe('/access')
  expect(await one.status()).toBe(200)
  // The address of a sign-in that is done, by the Back button.
  expect(
    (await one.go(`${url}/api/auth/callback/oidc?code=x&state=y`)).headers.get('location'),
  ).toBe('/')

  const other = browser()
  const begun: string[] = []
  for (let index = 0; index < 6; index++) begun.push(await other.begin(`/runs?q=${index}`))
  expect(other.cookies.size).toBe(5)
  expect(await other.goOn(begun[0] ?? '')).toContain('error=SignInExpired')
  expect(await other.goOn(begun[5] ?? '')).toBe('/runs?q=5')
  expect(await browser().goOn(begun[4] ?? '')).toBe('/sign-in?error=SignInExpired')
})

test('where a sign-in leads is a path of this site, whatever was sent', async () => {
  const { browser } = await startSignIn()
  for (const [wanted, path] of [
    ['/runs?state=failed', '/runs?state=failed'],
    ['https://evil.example', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/\t/evil.example', '/'],
    [`/${'x'.repeat(1_500)}`, '/'],
  ] as const) {
    expect([wanted, await browser().signIn(wanted)]).toEqual([wanted, path])
  }
})

test('fifty who begin at once cause one discovery, also where it fails, and one more after it failed', async () => {
  const { browser } = await startSignIn()
  const path = '/.well-known/openid-configuration'
  provider.state.instead[path] = (_, response) => sendJson(response, 500, {})
  const begin = () => Promise.all(Array.from({ length: 50 }, () => browser().begin()))
  expect(new Set(await begin())).toEqual(new Set(['503 session.providerSilent']))
  expect(new Set(await begin())).toEqual(new Set(['503 session.providerSilent']))
  expect(provider.asked[path]).toBe(1)
  provider.state.instead = {}
  await expect
    .poll(() => browser().begin(), { timeout: 20_000 })
    .toContain(`${provider.issuer}/authorize`)
  await begin()
  expect(provider.asked[path]).toBe(2)
})

test('answers without end are given up after a megabyte, answers that drip after ten seconds', async () => {
  for (const path of ['/.well-known/openid-configuration', '/jwks', '/token']) {
    const { browser } = await startSignIn()
    let sent = 0
    provider.state.instead[path] = async (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const closed = once(response, 'close')
      const chunk = Buffer.alloc(64 * 1024, ' ')
      while (!response.destroyed && sent < 64 * 1024 * 1024) {
        sent += chunk.length
        if (!response.write(chunk)) await Promise.race([once(response, 'drain'), closed])
      }
      response.end('{}')
    }
    const begun = await browser().begin()
    const told = begun.startsWith('http') ? await browser().signIn() : begun
    expect([path, told]).toEqual([path, expect.stringMatching(/providerUnusable|ProviderUnusable/)])
    // What the sockets between hold comes on top of the bound.
    expect(sent).toBeLessThan(16 * 1024 * 1024)
    provider.state.instead = {}
  }
  const { browser } = await startSignIn()
  provider.state.instead['/jwks'] = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => response.write(' '), 200)
    response.once('close', () => clearInterval(timer))
  }
  const startedMs = performance.now()
  expect(await browser().signIn()).toContain('error=ProviderAway')
  expect(performance.now() - startedMs).toBeLessThan(20_000)
})

test('a sign-out leads to the provider by an address that no proxy refuses, also with a large token', async () => {
  const { browser, url } = await startSignIn({ NEXTAUTH_URL: 'http://127.0.0.1:3000' })
  for (const [picture, hinted] of [
    ['', true],
    ['x'.repeat(20_000), false],
  ] as const) {
    provider.state.claims.picture = picture
    const one = browser()
    // The provider sends the browser to where Bindery is said to be.
    const there = await one.go(await one.begin())
    const back = new URL(there.headers.get('location') ?? '')
    await one.go(`${url}${back.pathname}${back.search}`)
    const answer = await one.go(`${url}/api/sign-out`, {
      method: 'POST',
      body: JSON.stringify({ everywhere: false }),
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    })
    const { url: end } = await answer.json()
    expect(end.length).toBeLessThan(4_097)
    const query = new URL(end).searchParams
    expect([query.has('id_token_hint'), query.get('client_id')]).toEqual([hinted, 'bindery'])
    expect(query.get('post_logout_redirect_uri')).toBe('http://127.0.0.1:3000/sign-in')
    expect([...one.cookies]).toEqual([])
    expect(await one.status()).toBe(401)
  }
})

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type Config, parseConfig } from '#server/platform/config.ts'
import { createLog } from '#server/platform/log.ts'
import { openStore } from '#server/processes/open-store.ts'
import type { Store } from '#server/store.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { sendJson, startScriptedProvider } from '#server/testing/web/scripted-provider.ts'
import { createIdentityProvider, providerTimes } from './identity-provider.ts'
import { createSessions } from './session.ts'
import type { Change } from './session-watchers.ts'

const secret = 'a secret of at least thirty-two characters'
const ending = new AbortController()
let store: Store
let database: pg.Client
let provider: Awaited<ReturnType<typeof startScriptedProvider>>

beforeAll(async () => {
  const url = await databaseUrl()
  store = await openStore(url, { signal: ending.signal })
  database = new pg.Client({ connectionString: url })
  await database.connect()
})
afterAll(async () => {
  ending.abort()
  await database.end()
  await store.close()
})
beforeEach(async () => {
  provider = await startScriptedProvider()
  onTestFinished(() => provider.close())
})

/** One web process's view of the sessions, and of the store if need be. */
function replica(env: Record<string, string> = {}, sessionStore = store.sessions) {
  const over = new AbortController()
  onTestFinished(() => over.abort())
  const config: Config = parseConfig({ NEXTAUTH_SECRET: secret, ...provider.settings, ...env })
  const log = createLog('test', 'fatal')
  const identity = createIdentityProvider(config, log, {
    ...providerTimes,
    slowMs: 1_000,
    openMs: 200,
  })
  const sessions = createSessions({
    config,
    provider: identity,
    store: sessionStore,
    log,
    signal: over.signal,
  })
  return {
    ...sessions,
    of: ({ token }: { token: string }) => sessions.of(`bindery.session-token=${token}`),
    /** Ella, for whom the provider vouches for so long, or did until so long ago. */
    async ella(freshForSeconds: number) {
      const refresh = provider.newRefreshToken()
      const opened = await sessions.open(
        { user: 'ella', name: 'Ella', groups: ['bindery-admins'] },
        { subject: 'ella', session: randomUUID(), tokens: { refresh }, freshForSeconds },
      )
      return { ...opened, refresh }
    },
  }
}

async function freshFor(id: string): Promise<number> {
  const text =
    'select extract(epoch from fresh_until - now())::float8 as fresh from sessions where id = $1'
  return (await database.query(text, [id])).rows[0].fresh
}

const isElla = { person: { user: 'ella' } }
const away = { code: 'unavailable', details: { key: 'session.providerSilent' } }

/** Holds requests until the test lets them go. */
function held(path: string) {
  const [letGo, { properly, state }] = [new AbortController(), provider]
  state.instead[path] = async (...call) => {
    if (!letGo.signal.aborted) await once(letGo.signal, 'abort')
    return properly(path)(...call)
  }
  onTestFinished(() => letGo.abort())
  return () => letGo.abort()
}

test('a key that is changed just after the keys were read renews at once', async () => {
  const one = replica()
  expect(await one.of(await one.ella(0))).toMatchObject(isElla)
  for (const alg of ['ES256', 'RS256']) {
    provider.state.discovery.id_token_signing_alg_values_supported = ['RS256', 'ES256']
    await provider.signBy(alg)
    const two = replica()
    const ella = await two.ella(0)
    expect(await two.of(ella)).toMatchObject(isElla)
    expect(await freshFor(ella.id)).toBeGreaterThan(100)
  }
})

test('whatever comes back beside it, the next refresh token is kept and used', async () => {
  const faults: (() => void)[] = [
    () => {
      provider.state.published = []
    },
    () => {
      provider.state.claims.iss = 'https://evil.example'
    },
    () => {
      provider.state.token.id_token = 'no token'
    },
    () => {
      provider.state.token.token_type = undefined
    },
  ]
  for (const fault of faults) {
    const sessions = replica()
    const ella = await sessions.ella(0)
    fault()
    // The grace holds: what the provider sent cannot be used.
    expect(await sessions.of(ella)).toMatchObject(isElla)
    Object.assign(provider.state, { published: undefined, claims: {}, token: {} })
    await database.query(
      `update sessions set renew_from = now() - interval '1 second' where id = $1`,
      [ella.id],
    )
    // Had the successor been thrown away, this would spend the first token again and end the session.
    await expect
      .poll(() => sessions.of(ella).then(() => freshFor(ella.id)), { timeout: 30_000 })
      .toBeGreaterThan(100)
  }
})

test('a renewal that is answered late counts, and neither it nor one that hangs delays anybody', async () => {
  const sessions = replica()
  const ella = await sessions.ella(0)
  const letGo = held('/token')
  const startedMs = performance.now()
  expect(await sessions.of(ella)).toMatchObject(isElla)
  expect(performance.now() - startedMs).toBeGreaterThan(2_500)
  // Its patience is used up: nobody waits again.
  const againMs = performance.now()
  for (let index = 0; index < 20; index++) expect(await sessions.of(ella)).toMatchObject(isElla)
  expect(performance.now() - againMs).toBeLessThan(2_000)

  // Another person's sign-out reaches their open stream while that renewal hangs.
  const bo = await sessions.open({ user: 'bo', name: 'Bo', groups: [] })
  const changes: Change[] = []
  const [hers, his] = [await sessions.of(ella), await sessions.of(bo)]
  if (!hers || !his) throw new Error('Nobody is signed in.')
  sessions.watch(hers, ending.signal, () => {})
  sessions.watch(his, ending.signal, (change) => changes.push(change))
  await replica().signOut(his, false, undefined)
  await expect
    .poll(() => changes, { timeout: 4_000 })
    .toMatchObject([{ over: { code: 'unauthenticated' } }])

  letGo()
  await expect.poll(() => freshFor(ella.id), { timeout: 20_000 }).toBeGreaterThan(100)
  expect(provider.asked['/token']).toBe(1)
})

test('while the provider is away sessions go on for the grace, without a wait; then it is said what is away', async () => {
  provider.state.instead['/token'] = (_, response) => sendJson(response, 502, {})
  const sessions = replica({ OIDC_GRACE_MINUTES: '1' })
  const [ella, late] = [await sessions.ella(-30), await sessions.ella(-61)]
  expect(await sessions.of(ella)).toMatchObject(isElla)
  await expect(sessions.of(late)).rejects.toMatchObject(away)
  // Enough failures, and nobody asks it any more.
  for (let index = 0; index < 3; index++) {
    await sessions.of(await sessions.ella(-30))
  }
  const tokens = provider.asked['/token'] ?? 0
  const many = await Promise.all(Array.from({ length: 20 }, () => sessions.ella(-61)))
  const startedMs = performance.now()
  for (const one of many) await expect(sessions.of(one)).rejects.toMatchObject(away)
  for (let index = 0; index < 20; index++) expect(await sessions.of(ella)).toMatchObject(isElla)
  expect((provider.asked['/token'] ?? 0) - tokens).toBeLessThan(10)
  expect(performance.now() - startedMs).toBeLessThan(8_000)
  await expect(
    replica({ OIDC_GRACE_MINUTES: '0' }).of(await sessions.ella(-1)),
  ).rejects.toMatchObject(away)

  // It is back, and so are those whom the grace did not carry.
  provider.state.instead = {}
  await expect
    .poll(() => sessions.of(late).catch(({ code }) => code), { timeout: 60_000 })
    .toMatchObject(isElla)
})

test('twenty people who wait for another process’s renewals cost a few queries a second', async () => {
  let queries = 0
  const counted = new Proxy(store.sessions, {
    get(target, name, receiver) {
      queries += 1
      return Reflect.get(target, name, receiver)
    },
  })
  held('/token')
  const [one, other] = [
    replica({ OIDC_GRACE_MINUTES: '0' }),
    replica({ OIDC_GRACE_MINUTES: '0' }, counted),
  ]
  const people = await Promise.all(Array.from({ length: 20 }, () => one.ella(0)))
  const asking = people.map((person) => one.of(person).catch(({ code }) => code))
  await expect.poll(() => provider.asked['/token'], { timeout: 20_000 }).toBe(20)
  queries = 0
  const startedMs = performance.now()
  const waited = await Promise.all(
    people.map((person) => other.of(person).catch(({ code }) => code)),
  )
  const seconds = (performance.now() - startedMs) / 1000
  expect(new Set(waited)).toEqual(new Set(['unavailable']))
  expect(new Set(await Promise.all(asking))).toEqual(new Set(['unavailable']))
  // One to find them, one to read them, one more look at each lease, and one for all each second.
  expect(queries).toBeLessThan(3 + 20 + 5 * seconds)
})

test('a new secret rolls over replicas: either renews what it can open, and ends nothing of the other', async () => {
  const next = 'the next secret, of thirty-two characters'
  const old = replica()
  const rolled = replica({ NEXTAUTH_SECRET: next, NEXTAUTH_SECRETS_OLD: secret })
  const ella = await old.ella(0)
  expect(await rolled.of(ella)).toMatchObject(isElla)
  expect(await freshFor(ella.id)).toBeGreaterThan(100)
  // Sealed by the new secret now: the old replica cannot renew it, and leaves it to the other.
  await database.query(
    `update sessions set renew_from = now() - interval '1 second', fresh_until = now() - interval '1 second' where id = $1`,
    [ella.id],
  )
  expect(await old.of(ella)).toMatchObject(isElla)
  await expect
    .poll(() => rolled.of(ella).then(() => freshFor(ella.id)), { timeout: 30_000 })
    .toBeGreaterThan(100)
  // Signed in at either, one is signed in at both.
  expect(await old.of(await rolled.ella(300))).toMatchObject(isElla)
  expect(await rolled.of(await old.ella(300))).toMatchObject(isElla)
})

test.each([
  [86_400, 3_600],
  [Number.MAX_SAFE_INTEGER, 3_600],
  [1, 5],
  [undefined, 300],
])('a token that is said to live %s seconds is believed for %s', async (said, believed) => {
  const sessions = replica()
  const ella = await sessions.ella(0)
  provider.state.token.expires_in = said
  expect(await sessions.of(ella)).toMatchObject(isElla)
  const fresh = await freshFor(ella.id)
  expect(fresh).toBeLessThanOrEqual(believed)
  expect(fresh).toBeGreaterThan(believed - 120)
})

test('a sign-out that the provider tells counts although its clock is behind', async () => {
  const sessions = replica()
  for (const seconds of [-45, 0, 45]) {
    const ella = await sessions.ella(300)
    const iat = Math.floor(Date.now() / 1000) + seconds
    const token = await provider.signed({
      ...{ iss: provider.issuer, aud: 'bindery', sub: 'ella', iat, jti: randomUUID() },
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    })
    await sessions.signOutAsTold(token)
    await expect(sessions.of(ella)).rejects.toMatchObject({ details: { key: 'session.provider' } })
  }
})

test('a client that the provider refuses is told as such, and ends no session within the grace', async () => {
  provider.state.instead['/token'] = (_, response) => {
    response.setHeader('www-authenticate', 'Basic realm="provider"')
    sendJson(response, 401, { error: 'invalid_client' })
  }
  const sessions = replica({ OIDC_GRACE_MINUTES: '1' })
  expect(await sessions.of(await sessions.ella(-30))).toMatchObject(isElla)
  await expect(sessions.of(await sessions.ella(-61))).rejects.toMatchObject({
    code: 'unavailable',
    details: { key: 'session.providerRefusesClient' },
  })
})

test('a process that ends waits for the refresh token that it spends', async () => {
  const sessions = replica()
  const ella = await sessions.ella(1)
  const letGo = held('/token')
  await expect
    .poll(() => sessions.of(ella).then(() => provider.asked['/token']), { timeout: 20_000 })
    .toBe(1)
  let isSettled = false
  const settled = sessions.settled().then(() => {
    isSettled = true
  })
  expect(isSettled).toBe(false)
  letGo()
  await settled
  expect(await freshFor(ella.id)).toBeGreaterThan(100)
})

import { createHash, randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { client, startProvider } from '#e2e/support/oidc-provider.ts'
import { type Config, parseConfig } from '#server/platform/config.ts'
import { createLog } from '#server/platform/log.ts'
import { openStore } from '#server/processes/open-store.ts'
import type { Store } from '#server/store.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import { createIdentityProvider } from './identity-provider.ts'
import { createSessions, type Session } from './session.ts'
import { sessionCookieName } from './session-cookie.ts'
import type { Change } from './session-watchers.ts'

const secret = 'a secret of at least thirty-two characters'
const config = parseConfig({ NEXTAUTH_SECRET: secret })
const ada = { user: 'ada', name: 'Ada', groups: ['research-team-a'] }
const ending = new AbortController()
let store: Store
let url = ''
let provider: Awaited<ReturnType<typeof startProvider>>

beforeAll(async () => {
  url = await databaseUrl()
  store = await openStore(url, { signal: ending.signal })
  provider = await startProvider('http://127.0.0.1:9')
})
afterAll(async () => {
  ending.abort()
  await store.close()
  await provider.close()
})

/** One web process's view of the sessions. */
function replica(of: Config = config) {
  const over = new AbortController()
  onTestFinished(() => over.abort())
  const log = createLog('test', 'fatal')
  const provider = createIdentityProvider(of, log)
  return createSessions({ config: of, provider, store: store.sessions, log, signal: over.signal })
}

function cookieOf({ token }: { token: string }, of: Config = config): string {
  return `${sessionCookieName(of.NEXTAUTH_URL?.startsWith('https:') === true)}=${token}`
}

function withProvider(): Config {
  return parseConfig({
    NEXTAUTH_SECRET: secret,
    NEXTAUTH_URL: 'http://127.0.0.1:9',
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: client.id,
    OIDC_CLIENT_SECRET: client.secret,
    OIDC_USERNAME_CLAIM: 'preferred_username',
    OIDC_USERNAME_PREFIX: '-',
  })
}

/** Ella, as the provider vouched for her that long. */
async function ellaSignsIn(sessions: ReturnType<typeof replica>, freshForSeconds: number) {
  const opened = await sessions.open(
    { user: 'ella', name: 'Ella', groups: ['bindery-admins'] },
    {
      subject: 'ella',
      tokens: { refresh: await provider.refreshTokenOf('ella') },
      freshForSeconds,
    },
  )
  return cookieOf(opened)
}

function seen(sessions: ReturnType<typeof replica>, session: Session | undefined) {
  const changes: Change[] = []
  if (session) sessions.watch(session, ending.signal, (change) => changes.push(change))
  return changes
}

test('a cookie is a person, beside other cookies', async () => {
  const sessions = replica()
  const cookie = cookieOf(await sessions.open(ada))
  const person = { type: 'person', ...ada }
  expect(await sessions.of(`a=b; ${cookie}`)).toMatchObject({ person })
  const [name = ''] = cookie.split('=')
  // Of two of a name the first is this host's own: a browser sends that of the longer path before the others.
  expect(await sessions.of(`${cookie}; ${name}=tossed`)).toMatchObject({ person })
  expect(await sessions.of(`${name}=tossed; ${cookie}`)).toBeUndefined()
})

test('no cookie, an invented one, a bent one, an id, a hash: nobody', async () => {
  const sessions = replica()
  const { id, token } = await sessions.open(ada)
  const hash = createHash('sha256').update(token).digest('base64url')
  const invented = randomBytes(32).toString('base64url')
  for (const wrong of [
    '',
    'forged',
    invented,
    token.toLowerCase(),
    `${token}A`,
    id,
    hash,
    `${token}\0`,
  ]) {
    expect(await sessions.of(cookieOf({ token: wrong }))).toBeUndefined()
  }
  expect(await sessions.of(undefined)).toBeUndefined()
})

test('neither the cookie nor the secret is in the database, and no two sign-ins share a token', async () => {
  const sessions = replica()
  const [one, two] = [await sessions.open(ada), await sessions.open(ada)]
  expect(one.token).not.toBe(two.token)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  const { rows } = await client.query('select * from sessions where id = any($1)', [
    [one.id, two.id],
  ])
  expect(rows).toHaveLength(2)
  expect(JSON.stringify(rows)).not.toContain(one.token)
})

test('behind https only the secure cookie counts', async () => {
  const secure = parseConfig({
    NEXTAUTH_SECRET: secret,
    NEXTAUTH_URL: 'https://bindery.example.org',
  })
  const sessions = replica(secure)
  const opened = await sessions.open(ada)
  expect(await sessions.of(cookieOf(opened))).toBeUndefined()
  const cookie = cookieOf(opened, secure)
  expect(cookie).toMatch(/^__Host-/)
  expect(await sessions.of(cookie)).toMatchObject({ person: ada })
})

test('without a secret nothing is signed in, and the reason is said', () => {
  expect(() => replica(parseConfig({}))).toThrow(/NEXTAUTH_SECRET/)
})

test('whoever signs out everywhere is out of every browser, in every replica and open stream', async () => {
  const [one, other] = [replica(), replica()]
  const lin = { user: 'lin', name: 'Lin', groups: [] }
  const cookies = await Promise.all([one, one, other].map(async (r) => cookieOf(await r.open(lin))))
  const bystander = cookieOf(await one.open(ada))
  const here = await one.of(cookies[0])
  const streams = [
    seen(one, await one.of(cookies[1])),
    seen(other, await other.of(cookies[2])),
    seen(other, await other.of(bystander)),
  ]
  if (here) await one.signOut(here, true, undefined)
  const over = { over: { code: 'unauthenticated', details: { key: 'session.everywhere' } } }
  await expect.poll(() => streams, { timeout: 10_000 }).toMatchObject([[over], [over], []])
  for (const cookie of cookies) {
    await expect(one.of(cookie)).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(other.of(cookie)).rejects.toMatchObject({ code: 'unauthenticated' })
  }
  expect(await other.of(bystander)).toMatchObject({ person: ada })
  expect(await one.of(cookieOf(await one.open(lin)))).toMatchObject({ person: lin })
})

test('rights that the provider takes away are gone with the next renewal, which each replica asks for but one makes', async () => {
  const replicas = [replica(withProvider()), replica(withProvider())]
  const [one] = replicas
  if (!one) return
  const cookie = await ellaSignsIn(one, 0)
  provider.accounts.ella = { name: 'Ella Berg-Holm', groups: ['research-team-a'] }
  const before = provider.asked.tokens
  // Each token serves once, and used twice it voids all: the provider finds out who is careless.
  const told = await Promise.all(
    Array.from({ length: 12 }, (_, at) => replicas[at % 2]?.of(cookie)),
  )
  for (const session of told) {
    expect(session?.person).toMatchObject({ name: 'Ella Berg-Holm', groups: ['research-team-a'] })
  }
  expect(provider.asked.tokens - before).toBe(1)
})

test('an open stream is sent away when groups change, and ends with words when the provider refuses', async () => {
  const sessions = replica(withProvider())
  provider.life.seconds = 2
  provider.accounts.ella = { name: 'Ella', groups: ['bindery-admins'] }
  const cookie = await ellaSignsIn(sessions, 3600)
  const session = await sessions.of(cookie)
  expect(session?.person.groups).toEqual(['bindery-admins'])
  const short = await ellaSignsIn(sessions, 1)
  const first = seen(sessions, await sessions.of(short))
  provider.accounts.ella = { name: 'Ella', groups: [] }
  await expect.poll(() => first, { timeout: 20_000 }).toEqual(['renewed'])
  const again = await sessions.of(short)
  expect(again?.person.groups).toEqual([])
  const second = seen(sessions, again)
  delete provider.accounts.ella
  await expect
    .poll(() => second, { timeout: 20_000 })
    .toMatchObject([{ over: { details: { key: 'session.refused' } } }])
  await expect(sessions.of(short)).rejects.toMatchObject({ code: 'unauthenticated' })
  provider.accounts.ella = { name: 'Ella', groups: ['bindery-admins'] }
  provider.life.seconds = 3600
})

test('keys that the provider changes are asked for again', async () => {
  const sessions = replica(withProvider())
  expect(await sessions.of(await ellaSignsIn(sessions, 0))).toBeDefined()
  provider.rotateKeys()
  expect(await replica(withProvider()).of(await ellaSignsIn(sessions, 0))).toBeDefined()
})

test('a session that nobody renews ends with what the provider said; one that it is silent about waits', async () => {
  const sessions = replica(withProvider())
  const opened = await sessions.open(ada, { subject: 'ada', tokens: {}, freshForSeconds: 0 })
  const noToken = cookieOf(opened)
  await expect(sessions.of(noToken)).rejects.toMatchObject({ details: { key: 'session.expired' } })
  const nowhere = replica({
    ...withProvider(),
    OIDC_ISSUER: 'http://127.0.0.1:9',
    OIDC_GRACE_MINUTES: 0,
  })
  const cookie = await ellaSignsIn(sessions, 0)
  await expect(nowhere.of(cookie)).rejects.toMatchObject({
    code: 'unavailable',
    details: { key: 'session.providerSilent' },
  })
})

test('a provider that answers for somebody else, or by another name, ends the session', async () => {
  const sessions = replica(withProvider())
  const refused = { code: 'unauthenticated', details: { key: 'session.refused' } }
  for (const [user, subject] of [
    ['ella', 'ada'],
    ['mallory', 'ella'],
  ] as const) {
    const tokens = { refresh: await provider.refreshTokenOf('ella') }
    const vouched = { subject, tokens, freshForSeconds: 0 }
    const opened = await sessions.open({ user, name: user, groups: ['bindery-admins'] }, vouched)
    await expect(sessions.of(cookieOf(opened))).rejects.toMatchObject(refused)
  }
})

test('only a logout token of this provider, for us and of now, signs anybody out', async () => {
  const sessions = replica(withProvider())
  const cookie = await ellaSignsIn(sessions, 3600)
  const good = {
    iss: provider.issuer,
    aud: client.id,
    sub: 'ella',
    iat: Math.floor(Date.now() / 1000),
    jti: randomUUID(),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  }
  const wrong: [what: string, claims: Record<string, unknown>][] = [
    ['another audience', { aud: 'another-client' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['of long ago', { iat: good.iat - 3600 }],
    ['without a time', { iat: undefined }],
    ['an id token', { nonce: 'n' }],
    ['no event', { events: undefined }],
    ['another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
    ['nobody', { sub: undefined }],
  ]
  for (const [what, claims] of wrong) {
    const told = sessions.signOutAsTold(await provider.signed({ ...good, ...claims }))
    await expect(told, what).rejects.toMatchObject({ code: 'bad-request' })
  }
  expect(await sessions.of(cookie)).toMatchObject({ person: { user: 'ella' } })
  expect(await sessions.signOutAsTold(await provider.signed(good))).toBeGreaterThan(0)
  await expect(sessions.of(cookie)).rejects.toMatchObject({ code: 'unauthenticated' })
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Config, parseConfig } from '#server/config.ts'
import { createLog } from '#server/log.ts'
import { databaseUrl } from '#server/store/database-url.ts'
import { openStore } from '#server/store/open-store.ts'
import type { Store } from '#server/store/store.ts'
import { client, startProvider } from '../../e2e/support/oidc-provider.ts'
import { authOptions } from './auth-options.ts'
import { createSeal } from './seal.ts'
import { createSessions, type Session } from './session.ts'
import { sessionCookieName } from './session-cookie.ts'
import type { Change } from './session-keeper.ts'

const secret = 'a secret of at least thirty-two characters'
const config = parseConfig({ NEXTAUTH_SECRET: secret })
const ada = { user: 'ada', name: 'Ada', groups: ['research-team-a'] }
const ending = new AbortController()
let store: Store
let provider: Awaited<ReturnType<typeof startProvider>>

beforeAll(async () => {
  store = await openStore(await databaseUrl(), { signal: ending.signal })
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
  return createSessions({ config: of, store: store.sessions, log, signal: over.signal })
}

async function cookieOf(session: string, of: Config = config, maxAge = 600): Promise<string> {
  const token = await createSeal(of).close({ session }, maxAge)
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
  const id = await sessions.open(
    { user: 'ella', name: 'Ella', groups: ['bindery-admins'] },
    {
      subject: 'ella',
      tokens: { refresh: await provider.refreshTokenOf('ella') },
      freshForSeconds,
    },
  )
  return cookieOf(id)
}

function seen(sessions: ReturnType<typeof replica>, session: Session | undefined) {
  const changes: Change[] = []
  if (session) sessions.watch(session, ending.signal, (change) => changes.push(change))
  return changes
}

test('a sealed cookie is a person, whole or in chunks, beside other cookies', async () => {
  const sessions = replica()
  const cookie = await cookieOf(await sessions.open(ada))
  const person = { type: 'person', ...ada }
  expect(await sessions.of(`a=b; ${cookie}`)).toMatchObject({ person })
  const [name = '', token = ''] = cookie.split('=')
  const chunks = `${name}.0=${token.slice(0, 90)}; ${name}.1=${token.slice(90)}`
  expect(await sessions.of(chunks)).toMatchObject({ person })
  // Of two of a name the first is this host's own: a browser sends that of the longer path before the others.
  expect(await sessions.of(`${cookie}; ${name}=tossed`)).toMatchObject({ person })
  expect(await sessions.of(`${name}=tossed; ${cookie}`)).toBeUndefined()
})

test('no cookie, a forged one, one sealed by another, an ended one, one of no session: nobody', async () => {
  const sessions = replica()
  const id = await sessions.open(ada)
  const other = parseConfig({ NEXTAUTH_SECRET: 'another secret, thirty-two characters' })
  const strange = await createSeal(config).close({ user: 'ada', groups: ['bindery-admins'] }, 60)
  for (const cookie of [
    undefined,
    `${sessionCookieName(false)}=forged`,
    await cookieOf(id, other),
    await cookieOf(id, config, -60),
    `${sessionCookieName(false)}=${strange}`,
    // Sealed by us, for something else.
    `${sessionCookieName(false)}=${await createSeal(config).close({ session: id }, 60, 'provider tokens')}`,
  ]) {
    expect(await sessions.of(cookie)).toBeUndefined()
  }
  const unknown = await cookieOf(randomUUID())
  await expect(sessions.of(unknown)).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('behind https only the secure cookie counts', async () => {
  const secure = parseConfig({
    NEXTAUTH_SECRET: secret,
    NEXTAUTH_URL: 'https://bindery.example.org',
  })
  const sessions = replica(secure)
  const id = await sessions.open(ada)
  expect(await sessions.of(await cookieOf(id))).toBeUndefined()
  const cookie = await cookieOf(id, secure)
  expect(cookie).toMatch(/^__Host-/)
  const { cookies, useSecureCookies } = authOptions(secure, sessions)
  expect([useSecureCookies, cookies?.sessionToken]).toEqual([
    true,
    {
      name: '__Host-bindery.session-token',
      options: { httpOnly: true, sameSite: 'lax', path: '/', secure: true },
    },
  ])
  expect(await sessions.of(cookie)).toMatchObject({ person: ada })
})

test('a secret that was changed is still read, until it is taken away', async () => {
  const cookie = await cookieOf(await replica().open(ada))
  const next = 'the next secret, of thirty-two characters'
  const both = parseConfig({ NEXTAUTH_SECRET: next, NEXTAUTH_SECRETS_OLD: secret })
  expect(await replica(both).of(cookie)).toMatchObject({ person: ada })
  expect(await replica(parseConfig({ NEXTAUTH_SECRET: next })).of(cookie)).toBeUndefined()
})

test('without a secret nothing is signed in, and the reason is said', () => {
  expect(() => replica(parseConfig({}))).toThrow(/NEXTAUTH_SECRET/)
})

test('whoever signs out everywhere is out of every browser, in every replica and open stream', async () => {
  const [one, other] = [replica(), replica()]
  const lin = { user: 'lin', name: 'Lin', groups: [] }
  const cookies = await Promise.all([one, one, other].map(async (r) => cookieOf(await r.open(lin))))
  const bystander = await cookieOf(await one.open(ada))
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
  expect(await one.of(await cookieOf(await one.open(lin)))).toMatchObject({ person: lin })
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
  const id = await sessions.open(ada, { subject: 'ada', tokens: {}, freshForSeconds: 0 })
  const noToken = await cookieOf(id)
  await expect(sessions.of(noToken)).rejects.toMatchObject({ details: { key: 'session.expired' } })
  const nowhere = replica({ ...withProvider(), OIDC_ISSUER: 'http://127.0.0.1:9' })
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
    const id = await sessions.open({ user, name: user, groups: ['bindery-admins'] }, vouched)
    await expect(sessions.of(await cookieOf(id))).rejects.toMatchObject(refused)
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

test('who signs in is chosen from the demo’s people or known to the provider, never either', async () => {
  const people = [{ id: 'ada', name: 'Ada', role: 'researcher' }]
  const demo = authOptions({ ...config, DEMO_PEOPLE: JSON.stringify(people) }, replica())
  expect(demo.providers.map(({ id }) => id)).toEqual(['demo'])
  const [choice] = demo.providers
  if (choice?.type !== 'credentials') throw new Error('Nobody can be chosen.')
  const asked = { headers: {}, body: {}, query: {}, method: 'POST' }
  expect(await choice.authorize({ person: 'ada' }, asked)).toMatchObject({ id: 'ada' })
  expect(await choice.authorize({ person: 'mallory' }, asked)).toBeNull()
  expect(await choice.authorize(undefined, asked)).toBeNull()
  const { providers, callbacks } = authOptions(withProvider(), replica())
  expect(providers).toMatchObject([
    { id: 'oidc', idToken: true, checks: ['pkce', 'state', 'nonce'] },
  ])
  const account = { provider: 'oidc', type: 'oauth', providerAccountId: 'x' } as const
  const profile = { sub: 'x', preferred_username: 'system:admin' }
  const user = { id: 'x' }
  expect(await callbacks?.signIn?.({ user, account, profile })).toBe('/sign-in?error=ReservedName')
  const signedIn = callbacks?.jwt?.({ token: {}, user, account, profile })
  await expect(signedIn).rejects.toMatchObject({ code: 'unauthenticated' })
})

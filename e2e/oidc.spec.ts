import { randomBytes } from 'node:crypto'
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { readyBinding, send, wish } from './support/api.ts'
import { freePort } from './support/free-port.ts'
import { client, startProvider } from './support/oidc-provider.ts'
import { browserOf } from './support/people.ts'
import { type SecondWeb, startSecondWeb, untilHealthy } from './support/second-web.ts'
import { test } from './support/test.ts'

let url = ''
let otherUrl = ''
let provider: Awaited<ReturnType<typeof startProvider>>
let webs: SecondWeb[] = []

const secret = randomBytes(32).toString('base64url')

function settings(issuer: string): Record<string, string> {
  return {
    NEXTAUTH_SECRET: secret,
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: client.id,
    OIDC_CLIENT_SECRET: client.secret,
    OIDC_NAME: 'Campus',
    OIDC_USERNAME_CLAIM: 'preferred_username',
    OIDC_USERNAME_PREFIX: '-',
    OIDC_GROUPS_KEEP: 'research-*,bindery-admins',
    OIDC_GRACE_MINUTES: '0',
  }
}

test.beforeAll(async () => {
  const port = await freePort()
  url = `http://localhost:${port}`
  const otherPort = await freePort()
  otherUrl = `http://localhost:${otherPort}`
  provider = await startProvider(url)
  // Two replicas, which share what they seal with.
  webs = await Promise.all(
    [port, otherPort].map((one) => startSecondWeb(one, settings(provider.issuer))),
  )
  await Promise.all([untilHealthy(url), untilHealthy(otherUrl)])
})

test.afterAll(async () => {
  await Promise.all(webs.map((web) => web.stop()))
  await provider?.close()
})

test('a provider’s account signs in, may what RBAC gives its groups, and signs out', async ({
  browser,
}) => {
  const context = await browser.newContext({ baseURL: url })
  const page = await context.newPage()
  await page.goto('/runs?state=failed')
  await expect(page).toHaveURL(/\/sign-in/)
  await signInAs(page, 'ada')
  await page.waitForURL(`${url}/runs?state=failed`)
  await page.goto('/access')
  await expect(page.getByText('Ada Okafor')).toBeVisible()
  await expect(page.getByText('VibeThinker-1.5B').first()).toBeVisible()

  const me = await (await context.request.get('/api/me')).json()
  expect(me).toMatchObject({
    user: 'ada',
    groups: ['research-team-a'],
    namespaces: ['research-team-a'],
    can: { approve: false, startRuns: false },
    demo: false,
  })
  await page.getByRole('link', { name: 'Request access' }).first().click()
  await expect(page.getByLabel('Namespace').getByRole('option')).toHaveText(['research-team-a'])
  const elsewhere = { ...wish, namespace: 'research-team-b' }
  expect((await send(context, 'POST', '/api/bindings', elsewhere)).status()).toBe(403)

  // Here and at the provider, which asks first and then leads back.
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${provider.issuer}/session/end**`)
  await page.getByRole('button', { name: 'Yes, sign me out' }).click()
  await page.waitForURL(/\/sign-in/)
  expect((await context.request.get('/api/me')).status()).toBe(401)
  await page.getByRole('button', { name: 'Sign in with Campus' }).click()
  await expect(page.getByPlaceholder('Enter any login')).toBeVisible()
  await context.close()
})

test('a session that is ended elsewhere says so, keeps what was typed, and goes on where it was', async ({
  browser,
}) => {
  const demo = [await browserOf(browser, 'ada'), await browserOf(browser, 'grace')] as const
  await readyBinding(...demo)
  const context = await browser.newContext({ baseURL: url })
  const page = await context.newPage()
  await page.goto('/playground?preset=mathematics')
  await signInAs(page, 'ella')
  await page.waitForURL(/\/playground/)
  const prompt = page.getByTestId('prompt')
  await prompt.fill('#bench:400')
  await page.getByRole('button', { name: /^Ask/ }).click()
  await expect(page.getByText('Step 2.').first()).toBeVisible()
  await page.waitForURL(/conversation=/)
  const where = page.url()
  await prompt.fill('And what if n is odd?')

  // Another browser, another replica: what the cookie seals is the same.
  const other = await browser.newContext({ baseURL: otherUrl })
  const kept = (await context.cookies(url)).filter(({ name }) => name.includes('session-token'))
  await other.addCookies(kept.map(({ name, value }) => ({ name, value, url: otherUrl })))
  const elsewhere = await other.newPage()
  await elsewhere.goto('/runs')
  await elsewhere.getByRole('button', { name: 'End all my sessions' }).click()
  const dialog = elsewhere.getByRole('alertdialog')
  await expect(dialog).toContainText('every browser at once')
  const asked = elsewhere.waitForRequest(`${provider.issuer}/session/end**`)
  await dialog.getByRole('button', { name: 'Sign out of every browser' }).click()
  await asked

  const notice = page.getByRole('alert').filter({ hasText: 'Your session has ended' })
  await expect(notice).toContainText('You signed out of every browser.', { timeout: 40_000 })
  await expect(prompt).toHaveValue('And what if n is odd?')
  expect((await context.request.get('/api/me')).status()).toBe(401)
  await expectNoViolations(page)

  await notice.getByRole('link', { name: 'Sign in', exact: true }).click()
  await page.getByRole('button', { name: 'Sign in with Campus' }).click()
  await page.waitForURL(where)
  await expect(prompt).toHaveValue('And what if n is odd?')
  // It was written to its end while nobody could read it.
  await expect(page.getByText('Finished (stop)')).toBeVisible({ timeout: 60_000 })
  for (const one of [context, other, ...demo]) await one.close()
})

test('rights follow the provider within a token’s life, and end with it; its keys may change meanwhile', async ({
  browser,
}) => {
  provider.life.seconds = 2
  provider.rotateKeys()
  const context = await browser.newContext({ baseURL: url })
  const page = await context.newPage()
  await page.goto('/approvals')
  await signInAs(page, 'ella')
  await page.waitForURL(`${url}/approvals`)
  const me = async (at = url) => (await context.request.get(`${at}/api/me`)).json()
  expect(await me()).toMatchObject({ user: 'ella', can: { approve: true } })
  provider.accounts.ella = { name: 'Ella Berg', groups: ['research-team-a'] }
  await expect.poll(async () => (await me()).can.approve, { timeout: 40_000 }).toBe(false)

  delete provider.accounts.ella
  const notice = page.getByRole('alert').filter({ hasText: 'Your session has ended' })
  await expect(notice).toContainText('no longer vouches for it', { timeout: 40_000 })
  expect((await context.request.get('/api/me')).status()).toBe(401)
  provider.life.seconds = 3600
  await context.close()
})

test('while the provider is away every page says so, keeps the session, and goes on by itself', async ({
  browser,
}) => {
  provider.life.seconds = 2
  const context = await browser.newContext({ baseURL: url })
  const page = await context.newPage()
  await page.goto('/runs')
  await signInAs(page, 'ada')
  await page.waitForURL(`${url}/runs`)
  provider.outage.isOn = true
  const cut = page.getByRole('status').filter({ hasText: 'sign-in does not answer' })
  await expect(cut).toBeVisible({ timeout: 40_000 })
  await page.reload()
  const title = 'Bindery cannot show this page right now'
  await expect(page.getByRole('heading', { name: title })).toBeVisible()
  await expect(page.getByRole('alert').first()).toContainText('sign-in does not answer')
  await expectNoViolations(page)
  provider.outage.isOn = false
  await expect(page.getByRole('heading', { name: 'Runs' })).toBeVisible({ timeout: 60_000 })
  provider.life.seconds = 3600
  await context.close()
})

test('who signs out at the provider is signed out here', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: url })
  const page = await context.newPage()
  await page.goto('/runs')
  await signInAs(page, 'nobody')
  await page.waitForURL(`${url}/runs`)
  const there = await context.newPage()
  await there.goto(`${provider.issuer}/session/end`)
  await there.getByRole('button', { name: 'Yes, sign me out' }).click()
  const notice = page.getByRole('alert').filter({ hasText: 'Your session has ended' })
  await expect(notice).toContainText('signed out at your organisation', { timeout: 40_000 })

  // In a new tab one signs in beside what stands here, and comes back to it as it was left.
  const [tab] = await Promise.all([
    page.waitForEvent('popup'),
    notice.getByRole('link', { name: 'Sign in in a new tab' }).click(),
  ])
  await tab.waitForURL(/\/sign-in/)
  await signInAs(tab, 'nobody')
  await tab.waitForURL(`${url}/runs`)
  await tab.close()
  // A browser without windows gives none of them the focus.
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await expect(notice).toHaveCount(0)

  const forged = await context.request.post('/api/sign-out/provider', {
    form: { logout_token: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.' },
  })
  expect(forged.status()).toBe(400)
  await context.close()
})

test('an account without a team sees the models and may ask for nothing', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: url })
  const page = await context.newPage()
  await page.goto('/access')
  await signInAs(page, 'nobody')
  await page.waitForURL(`${url}/access`)
  await page.goto('/access/request')
  await expect(page.getByText('You have no namespace to ask for')).toBeVisible()
  expect((await send(context, 'POST', '/api/bindings', wish)).status()).toBe(403)
  await context.close()
})

test('a name that the cluster keeps for itself is not let in', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: url })
  const page = await context.newPage()
  await page.goto('/access')
  await signInAs(page, 'system:admin')
  await page.waitForURL(/\/sign-in\?.*error=ReservedName/)
  await expect(page.getByRole('alert').first()).toBeVisible()
  expect((await context.request.get('/api/me')).status()).toBe(401)
  await context.close()
})

test('the demo’s people are neither offered nor let in beside a provider', async ({ browser }) => {
  const context = await browser.newContext({ baseURL: url })
  const page = await context.newPage()
  await page.goto('/sign-in')
  await expect(page.getByRole('button', { name: 'Sign in with Campus' })).toBeVisible()
  await expect(page.getByRole('button', { name: /Sign in as/ })).toHaveCount(0)
  const offered = await (await context.request.get('/api/people')).json()
  expect(offered).toEqual({ people: [], sso: { name: 'Campus' } })

  // Whatever a caller says of itself, the provider leads back to where Bindery is.
  const begun = await context.request.post('/api/sign-in', {
    data: { returnTo: 'https://evil.example/' },
    headers: { origin: url, 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
  })
  const { url: there } = await begun.json()
  const back = new URL(there).searchParams.get('redirect_uri')
  expect(back).toBe(`${url}/api/auth/callback/oidc`)

  const tried = await send(context, 'POST', '/api/sign-in/demo', { person: 'grace' })
  expect([tried.status(), tried.headers()['set-cookie']]).toEqual([404, undefined])
  expect((await context.request.get('/api/me')).status()).toBe(401)
  await context.close()
})

test('a web that is given both, or half a provider, does not start', async () => {
  const port = await freePort()
  const people = [{ id: 'grace', name: 'Grace', role: 'admin', groups: ['bindery-admins'] }]
  const both = { ...settings(provider.issuer), DEMO_PEOPLE: JSON.stringify(people) }
  const refused = await startSecondWeb(port, both)
  expect(await refused.ended).toBe(1)
  expect(refused.said()).toContain('Demo sign-in (DEMO_PEOPLE) cannot be on beside OIDC_ISSUER.')

  const half = await startSecondWeb(port, { OIDC_ISSUER: provider.issuer })
  expect(await half.ended).toBe(1)
  expect(half.said()).toContain('OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.')
})

async function expectNoViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)).toEqual([])
}

/** From our page through the provider's: its sign-in, its consent. */
async function signInAs(page: Page, login: string): Promise<void> {
  // Its pages ask the internet for a font, which a test does not need.
  await page.route('**://fonts.googleapis.com/**', (route) => route.abort())
  await page.getByRole('button', { name: 'Sign in with Campus' }).click()
  await page.waitForURL(`${provider.issuer}/**`)
  await page.getByPlaceholder('Enter any login').fill(login)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

import { expect, type Page, test } from '@playwright/test'
import { send, wish } from './support/api.ts'
import { freePort } from './support/free-port.ts'
import { client, startProvider } from './support/oidc-provider.ts'
import {
  assembleImage,
  type SecondWeb,
  startSecondWeb,
  untilHealthy,
} from './support/second-web.ts'

let url = ''
let provider: Awaited<ReturnType<typeof startProvider>>
let web: SecondWeb

function settings(issuer: string): Record<string, string> {
  return {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: client.id,
    OIDC_CLIENT_SECRET: client.secret,
    OIDC_NAME: 'Campus',
    OIDC_USERNAME_CLAIM: 'preferred_username',
    OIDC_USERNAME_PREFIX: '-',
    OIDC_GROUPS_KEEP: 'research-*,bindery-admins',
  }
}

test.beforeAll(async () => {
  const port = await freePort()
  url = `http://localhost:${port}`
  provider = await startProvider(url)
  await assembleImage()
  web = await startSecondWeb(port, settings(provider.issuer))
  await untilHealthy(url)
})

test.afterAll(async () => {
  await web?.stop()
  await provider?.close()
})

test('a provider’s account signs in, may what RBAC gives its groups, and signs out', async ({
  browser,
}) => {
  const context = await browser.newContext({ baseURL: url })
  const page = await context.newPage()
  await page.goto('/bindings/research-team-a/vibethinker-gateway')
  await expect(page).toHaveURL(/\/sign-in/)
  await page.goto('/access')
  await signInAs(page, 'ada')
  await page.waitForURL(`${url}/access`)
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
  await page.getByRole('link', { name: 'Ask for access' }).first().click()
  await expect(page.getByLabel('Namespace').getByRole('option')).toHaveText(['research-team-a'])
  const elsewhere = { ...wish, namespace: 'research-team-b' }
  expect((await send(context, 'POST', '/api/bindings', elsewhere)).status()).toBe(403)

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(/\/sign-in/)
  expect((await context.request.get('/api/me')).status()).toBe(401)
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

  const { csrfToken } = await (await context.request.get('/api/auth/csrf')).json()
  const tried = await context.request.post('/api/auth/callback/demo', {
    form: { csrfToken, person: 'grace', json: 'true' },
    maxRedirects: 0,
  })
  expect(tried.headers()['set-cookie'] ?? '').not.toContain('session-token')
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

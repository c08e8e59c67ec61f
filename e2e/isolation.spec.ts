import { once } from 'node:events'
import { get, request } from 'node:http'
import { expect } from '@playwright/test'
import { routeKeys } from '#server/api-routes.ts'
import { baseURL } from './support/address.ts'
import { approve, askForAccess, expectReady } from './support/binding.ts'
import { list, removeBindings } from './support/cluster.ts'
import { isolationCases } from './support/isolation-cases.ts'
import { browserOf } from './support/people.ts'
import { test } from './support/test.ts'

const cases = isolationCases()

test.describe.configure({ mode: 'serial' })

test('the table of cases holds every route and every person', () => {
  expect(new Set(cases.map(({ key }) => key))).toEqual(new Set(routeKeys))
  expect(cases).toHaveLength(routeKeys.length * 5)
})

for (const person of [undefined, 'ada', 'bo', 'lin', 'grace'] as const) {
  test(`${person ?? 'nobody'} reaches the routes that RBAC opens, and no other`, async ({
    browser,
  }) => {
    const context = person ? await browserOf(browser, person) : await browser.newContext()
    const { cookies } = await context.storageState()
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    for (const { key, method, path, body, passes } of cases.filter((c) => c.person === person)) {
      const status = await statusOf(path, method, body, cookie)
      const told = `${key} answered ${status}`
      if (!person && !passes) expect(status, told).toBe(401)
      else if (!passes) expect([403, 404], told).toContain(status)
      else expect([401, 403, 500], told).not.toContain(status)
    }
    await context.close()
  })
}

test('of another team’s binding and run nothing is said, not even whether they exist', async ({
  browser,
}) => {
  await removeBindings()
  const ada = await (await browserOf(browser, 'ada')).newPage()
  const grace = await (await browserOf(browser, 'grace')).newPage()
  const path = await askForAccess(ada)
  await approve(grace, path)
  await expectReady(ada)

  const bo = await browserOf(browser, 'bo')
  const page = await bo.newPage()
  await page.goto('/access')
  await expect(page.getByText('No team of yours has access yet')).toBeVisible()
  await page.goto('/runs')
  await expect(page.getByText('No run yet')).toBeVisible()
  await page.goto(path)
  await expect(
    page.getByRole('alert').getByText(/may not do this|nothing here for you/),
  ).toBeVisible()

  const runs = await list('/apis/tekton.dev/v1/namespaces/model-serving-prod/taskruns')
  const name = runs[0]?.metadata.name ?? ''
  expect(name).not.toBe('')
  const real = await bo.request.get(`/api/runs/model-serving-prod/${name}`)
  const missing = await bo.request.get('/api/runs/model-serving-prod/no-such-run')
  expect(real.status()).toBe(missing.status())
  expect(told(await real.json(), name)).toEqual(told(await missing.json(), 'no-such-run'))

  const binding = path.split('/').at(-1) ?? ''
  const theirs = await bo.request.get(`/api/bindings/research-team-a/${binding}`)
  const none = await bo.request.get('/api/bindings/research-team-a/none')
  expect(theirs.status()).toBe(none.status())
  expect(told(await theirs.json(), binding)).toEqual(told(await none.json(), 'none'))
})

test('a request from another site changes nothing, whoever is signed in', async ({ browser }) => {
  const ada = await browserOf(browser, 'ada')
  const answer = await ada.request.post('/api/bindings', {
    headers: { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
    data: { namespace: 'research-team-a' },
  })
  expect(answer.status()).toBe(403)
})

test('no connection is held by asking for another protocol, nor after a body that was refused half-read', async () => {
  const asked = get(new URL('/_next/webpack-hmr', baseURL), {
    headers: { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
  })
  const [answer] = await once(asked, 'response')
  expect(answer.statusCode).toBe(404)
  answer.destroy()

  const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
  const endless = request(new URL('/api/sign-out/provider', baseURL), { method: 'POST', headers })
  endless.on('error', () => {})
  const closed = once(endless, 'close')
  endless.write('x'.repeat(400_000))
  const [refused] = await once(endless, 'response')
  expect(refused.statusCode).toBe(413)
  refused.resume()
  await closed
})

/** A stream is only asked for its status: it would never end. */
async function statusOf(
  path: string,
  method: string,
  body: object | undefined,
  cookie: string,
): Promise<number> {
  const answer = await fetch(`${baseURL}${path}`, {
    method,
    redirect: 'manual',
    headers: { cookie, 'content-type': 'application/json', origin: baseURL },
    body: body ? JSON.stringify(body) : undefined,
  })
  await answer.body?.cancel()
  return answer.status
}

/** What an error says, without the number of its request and the name that was asked for. */
function told(answer: { error: { requestId?: string } }, name: string): string {
  const { requestId: _, ...error } = answer.error
  return JSON.stringify(error).replaceAll(name, '…')
}

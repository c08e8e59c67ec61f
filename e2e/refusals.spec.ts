import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test'
import { bindingAt, errorOf, send, wish } from './support/api.ts'
import { askForAccess, justification } from './support/binding.ts'
import { cluster, removeBindings } from './support/cluster.ts'
import {
  bindRole,
  createNamespace,
  dropNamespace,
  releaseNamespace,
  setApproval,
} from './support/grounds.ts'
import { browserOf } from './support/people.ts'
import { test } from './support/test.ts'

const decisionPanel = (page: Page) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: 'Your decision' }) })

/** What the page itself says; the framework has an empty one of its own. */
const alertIn = (page: Page) => page.getByRole('main').getByRole('alert')

test.beforeEach(removeBindings)

test('two admins decide at once: the second is told who was faster, and keeps the comment', async ({
  browser,
}) => {
  const unbind = await bindRole({ user: 'bo', role: 'bindery-admin' })
  try {
    const [ada, grace, bo] = await everybody(browser)
    const path = await askForAccess(await ada.newPage())
    await mayDecide(bo, path)
    const [first, second] = [await grace.newPage(), await bo.newPage()]
    for (const page of [first, second]) {
      await page.goto(path)
      await page.getByLabel('Comment').fill(page === first ? 'Welcome.' : 'Not this term.')
    }
    // The second decision is under way when the first is taken.
    let resolve = () => {}
    const firstTaken = new Promise<void>((done) => {
      resolve = done
    })
    await second.route('**/decision', async (route) => {
      await firstTaken
      await route.continue()
    })
    await second.getByRole('button', { name: 'Deny' }).click()
    await first.getByRole('button', { name: 'Approve and run' }).click()
    await expect(first.getByText('“Welcome.”')).toBeVisible()
    resolve()

    await expect(alertIn(second)).toContainText('already approved by grace')
    await expect(second.getByLabel('Comment')).toHaveValue('Not this term.')
    const { decisions } = await bindingAt(grace, path)
    expect(decisions.map(({ by, decision }) => ({ by, decision }))).toEqual([
      { by: 'grace', decision: 'approve' },
    ])
  } finally {
    await unbind()
  }
})

test('where it takes two, one is not enough, and everybody sees who is still needed', async ({
  browser,
}) => {
  const unbind = await bindRole({ user: 'bo', role: 'bindery-admin' })
  const restore = await setApproval({ required: 2 })
  try {
    const [ada, grace, bo] = await everybody(browser)
    const asked = await ada.newPage()
    const path = await askForAccess(asked)
    const page = await grace.newPage()
    await page.goto('/approvals')
    await page.getByRole('button', { name: 'Approve and run' }).click()
    await expect(page.getByText('You have decided on this plan.')).toBeVisible()
    await expect(page.getByRole('link', { name: 'Waiting 0' })).toBeVisible()
    await expect(page.getByRole('link', { name: 'Mine 1' })).toBeVisible()
    const approvals = asked.getByRole('region', { name: '1 of 2 approvals' })
    await expect(approvals).toContainText('Approved by grace')
    await expect(approvals).toContainText('One more approval is needed')
    expect((await bindingAt(ada, path)).granted).toBeUndefined()
    expect((await decide(grace, path, 'approve')).status()).toBe(409)

    await mayDecide(bo, path)
    expect((await decide(bo, path, 'approve')).status()).toBe(200)
    await expect
      .poll(async () => (await bindingAt(ada, path)).granted?.approvedBy)
      .toEqual(['grace', 'bo'])
  } finally {
    await restore()
    await unbind()
  }
})

test('nobody approves what they asked for themselves', async ({ browser }) => {
  const unbind = await bindRole({
    user: 'grace',
    role: 'bindery-tenant',
    namespace: 'research-team-a',
  })
  try {
    const grace = await browserOf(browser, 'grace')
    const page = await grace.newPage()
    await page.goto('/access/request')
    await page.getByLabel('Namespace').selectOption('research-team-a')
    await page.getByLabel('Justification').fill(justification)
    await page.getByRole('button', { name: 'Send the request' }).click()
    await page.waitForURL('**/bindings/**')
    await expect(page.getByTestId('plan-digest')).toHaveText(/^sha256:/)
    await expect(decisionPanel(page)).toContainText('somebody else has to decide')
    await expect(page.getByRole('button', { name: 'Approve and run' })).toBeHidden()

    const path = new URL(page.url()).pathname
    const refused = await decide(grace, path, 'approve')
    expect(refused.status()).toBe(403)
    expect((await errorOf(refused)).message).toContain('somebody else has to approve it')
    expect((await bindingAt(grace, path)).decisions).toEqual([])
  } finally {
    await unbind()
  }
})

test('an alias that is somebody else’s is named beside the field, and in the plan, and never overwritten', async ({
  browser,
}) => {
  const services = '/api/v1/namespaces/research-team-a/services'
  const spec = { ports: [{ port: 80 }], selector: { app: 'notes' } }
  await cluster(services, {
    method: 'POST',
    body: { apiVersion: 'v1', kind: 'Service', metadata: { name: wish.alias }, spec },
  })
  const before = await cluster(`${services}/${wish.alias}`)
  try {
    const ada = await (await browserOf(browser, 'ada')).newPage()
    await ada.goto('/access/request')
    await ada.getByLabel('Justification').fill(justification)
    await ada.getByRole('button', { name: 'Send the request' }).click()
    await expect(ada.getByLabel('Alias')).toHaveAttribute('aria-invalid', 'true')
    await expect(alertIn(ada)).toContainText(wish.alias)
    // The words are kept: another alias is all that is missing.
    await expect(ada.getByLabel('Justification')).toHaveValue(justification)

    // Past the form, with kubectl: the preview finds it before anybody can approve.
    const { namespace: _, ...asked } = wish
    await cluster('/apis/bindery.dev/v1alpha1/namespaces/research-team-a/modelbindings', {
      method: 'POST',
      body: {
        apiVersion: 'bindery.dev/v1alpha1',
        kind: 'ModelBinding',
        metadata: { name: 'by-kubectl' },
        spec: asked,
      },
    })
    const grace = await browserOf(browser, 'grace')
    const page = await grace.newPage()
    const path = '/bindings/research-team-a/by-kubectl'
    await page.goto(path)
    await expect(decisionPanel(page).getByRole('alert')).toContainText('belongs to somebody else')
    await expect(page.getByText('Conflict', { exact: true })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Approve and run' })).toBeDisabled()
    const refused = await decide(grace, path, 'approve')
    expect(refused.status()).toBe(409)
    expect(await errorOf(refused)).toMatchObject({
      key: 'binding.planConflict',
      values: { kind: 'Service', name: wish.alias },
    })
    expect((await cluster(`${services}/${wish.alias}`)).body).toEqual(before.body)
  } finally {
    await cluster(`${services}/${wish.alias}`, { method: 'DELETE' })
  }
})

test('a request that was changed after it was reviewed is not approved unread', async ({
  browser,
}) => {
  const [ada, grace] = await everybody(browser)
  const path = await askForAccess(await ada.newPage())
  const page = await grace.newPage()
  await page.goto(path)
  await page.getByLabel('Comment').fill('Seven days are fine.')
  const reviewed = await bindingAt(grace, path)

  const wished = { generation: reviewed.generation, durationDays: 5 }
  expect((await send(ada, 'PATCH', `/api${path}`, wished)).status()).toBe(200)
  await expect(page.getByText('The plan has changed since you opened it.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Approve and run' })).toBeDisabled()
  await expect(page.getByLabel('Comment')).toHaveValue('Seven days are fine.')
  const stale = await decide(grace, path, 'approve', reviewed)
  expect(stale.status()).toBe(409)
  expect((await errorOf(stale)).message).toContain('Review it again')

  // A second writer with the same old view is refused in the same way.
  const second = await send(ada, 'PATCH', `/api${path}`, { ...wished, durationDays: 3 })
  expect(second.status()).toBe(409)

  await page.getByRole('button', { name: 'I have read the new plan' }).click()
  await page.getByRole('button', { name: 'Deny' }).click()
  await expect(page.getByText('“Seven days are fine.”').first()).toBeVisible()
})

test('a namespace that is going away takes no request, and says so beside its name', async ({
  browser,
}) => {
  const namespace = 'closing-team'
  await createNamespace(namespace, { held: true })
  const unbind = await bindRole({ user: 'ada', role: 'bindery-tenant', namespace, held: true })
  try {
    const ada = await browserOf(browser, 'ada')
    const page = await ada.newPage()
    await expect
      .poll(async () => (await (await ada.request.get('/api/me')).json()).namespaces)
      .toContain(namespace)
    await page.goto('/access/request')
    await page.getByLabel('Namespace').selectOption(namespace)
    await page.getByLabel('Justification').fill(justification)
    await dropNamespace(namespace)
    await page.getByRole('button', { name: 'Send the request' }).click()
    await expect(alertIn(page)).toContainText('is being deleted')
    await expect(page.getByLabel('Namespace')).toHaveAttribute('aria-invalid', 'true')

    const refused = await send(ada, 'POST', '/api/bindings', { ...wish, namespace })
    expect(refused.status()).toBe(409)
  } finally {
    await unbind()
    await releaseNamespace(namespace)
  }
})

async function everybody(
  browser: Browser,
): Promise<[ada: BrowserContext, grace: BrowserContext, bo: BrowserContext]> {
  const [ada, grace] = [await browserOf(browser, 'ada'), await browserOf(browser, 'grace')]
  return [ada, grace, await browserOf(browser, 'bo')]
}

/** A role that was given a moment ago counts once the reviews that the web remembers are over. */
async function mayDecide(who: BrowserContext, path: string): Promise<void> {
  await expect.poll(async () => (await bindingAt(who, path)).can ?? []).toContain('decide')
}

async function decide(
  who: BrowserContext,
  path: string,
  decision: 'approve' | 'deny',
  seen?: Awaited<ReturnType<typeof bindingAt>>,
) {
  const { seal, generation } = seen ?? (await bindingAt(who, path))
  const body = { decision, digest: seal?.digest, generation, comment: '' }
  return send(who, 'POST', `/api${path}/decision`, body)
}

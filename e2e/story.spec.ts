import { expect, type Page } from '@playwright/test'
import { expectAccessibleState } from './support/accessible.ts'
import { approve, askForAccess, expectReady, justification } from './support/binding.ts'
import { cluster, removeBindings } from './support/cluster.ts'
import { goThroughConversation } from './support/conversation.ts'
import { expectHeldUp, failUnbinding } from './support/fail-unbinding.ts'
import { setApproval, setService } from './support/grounds.ts'
import { browserOf } from './support/people.ts'
import { test } from './support/test.ts'

test.beforeEach(removeBindings)

test('what is denied can be read by whom it concerns, and nothing was made', async ({
  browser,
}) => {
  const ada = await (await browserOf(browser, 'ada')).newPage()
  const grace = await (await browserOf(browser, 'grace')).newPage()
  const path = await askForAccess(ada)
  await grace.goto(path)
  await grace.getByLabel('Comment').fill('Please name the course.')
  await grace.getByRole('button', { name: 'Deny' }).click()
  const denial = ada.getByRole('region', { name: 'Why it was denied' })
  await expect(denial).toContainText('“Please name the course.”')
  await expectAccessibleState(ada, 'a binding that was denied')
  await ada.getByRole('link', { name: 'Request a change' }).click()
  await expect(denial).toContainText('Denied by grace')
  const alias = await cluster('/api/v1/namespaces/research-team-a/services/vibethinker-gateway')
  expect(alias.status).toBe(404)
})

test('approved by itself, extended, offered less, reduced, given back; what was granted stays to be read', async ({
  browser,
}) => {
  // Three runs one after the other: a busy machine takes more than the usual time for them.
  const ada = await (await browserOf(browser, 'ada')).newPage()
  const grace = await (await browserOf(browser, 'grace')).newPage()
  // What the namespace held today counts too, and tests before this one had bindings in it.
  const maxQuota = { requestsPerMinute: 5_000, tokensPerDay: 100_000_000, concurrency: 250 }
  const restore = await setApproval({ auto: { maxDurationDays: 30, maxQuota } })
  let path = ''
  try {
    await test.step('a small request is approved by the service itself, and the form says so', async () => {
      await ada.goto('/access/request')
      await ada.getByLabel('Justification').fill(justification)
      await expect(ada.getByText('This would be approved at once')).toBeVisible()
      const preview = ada.getByTestId('preview')
      await preview.locator('summary').click()
      await expect(preview.getByText('externalName: vibethinker-svc')).toBeVisible()
      await expect(preview).toContainText('model-serving-prod/bind-…')
      await expectAccessibleState(ada, 'a request with what it comes to')
      await ada.getByRole('button', { name: 'Send the request' }).click()
      await ada.waitForURL('**/bindings/**')
      path = new URL(ada.url()).pathname
      await expectReady(ada)
      await expect(ada.getByText('Approved by bindery:auto', { exact: true })).toBeVisible()
      await expect(ada.getByText('A namespace without a grant is refused')).toBeVisible()
      await expect(ada.getByText(/^29 days 23 hours left$/)).toBeVisible()
      await expectAccessibleState(ada, 'a binding that is ready')
      // A clock is that of all pages of a browser.
      const later = await (await browserOf(browser, 'ada')).newPage()
      await later.clock.setFixedTime(Date.now() + 29 * 86_400_000)
      await later.goto(path)
      await expect(later.getByText('It ends very soon')).toBeVisible()
      await expect(later.getByText(/^23 hours 5\d minutes left$/)).toBeVisible()
      await later.context().close()
    })

    await test.step('an extension is filled in, waits beside what is in force, and can be withdrawn', async () => {
      for (const then of ['withdraw', 'keep']) {
        await ada.getByRole('link', { name: 'Extend' }).click()
        await ada.getByLabel('Duration in days').fill('60')
        await expect(ada.getByText('An administrator has to approve this.')).toBeVisible()
        await ada.getByRole('button', { name: 'Ask for the extension' }).click()
        await ada.waitForURL('**/bindings/**')
        await expect(ada.getByRole('row', { name: 'Duration' })).toContainText(/30 days.*60 days/)
        if (then === 'keep') break
        await expectAccessibleState(ada, 'a change that is asked for')
        await ada.getByRole('button', { name: 'Withdraw the change' }).click()
        const dialog = ada.getByRole('alertdialog')
        await dialog.getByRole('button', { name: 'Withdraw the change' }).click()
        await expect(ada.getByText('Change asked for')).toHaveCount(0)
      }
      await expect(ada.getByRole('heading', { name: 'Call it' })).toBeVisible()
    })

    await test.step('the admin finds it by its namespace, offers less and approves with one key', async () => {
      await grace.goto('/approvals?namespace=research-team-b')
      await expect(grace.getByText('No request matches these filters')).toBeVisible()
      await grace.getByLabel('Namespace').selectOption('research-team-a')
      const carries = grace.getByRole('region', { name: 'What VibeThinker-1.5B carries' })
      await expect(carries).toContainText('4 of 14')
      await grace.getByRole('button', { name: 'Whole object' }).first().click()
      await expect(grace.getByText('kind: Service', { exact: true })).toBeVisible()
      const digest = await grace.getByTestId('plan-digest').textContent()
      await grace.getByRole('button', { name: 'Counter-offer' }).click()
      await grace.getByLabel('Duration in days').fill('45')
      await grace.getByRole('button', { name: 'Seal the plan with these terms' }).click()
      await expect(grace.getByTestId('plan-digest')).not.toHaveText(digest ?? '')
      await expect(grace.getByRole('row', { name: 'Duration' })).toContainText(/60 days.*45 days/)
      await expectAccessibleState(grace, 'a request with an offer')
      await grace.keyboard.press('d')
      await grace.getByRole('alertdialog').getByRole('button', { name: 'Deny' }).click()
      await expect(grace.getByText('Say why: the team reads it')).toBeVisible()
      await grace.keyboard.press('Escape')
      await grace.keyboard.press('a')
      const dialog = grace.getByRole('alertdialog')
      await expect(dialog).toContainText('30 days → 45 days')
      await dialog.getByRole('button', { name: 'Approve and run' }).click()
      await expect(ada.getByText(/^44 days 23 hours left$/)).toBeVisible()
    })

    await test.step('a name that is taken is told of before anything is sent', async () => {
      await ada.goto('/access/request')
      const taken = ada.getByText('The alias vibethinker-gateway is taken')
      await expect(taken).toBeVisible()
      await expect(ada.getByTestId('preview')).toContainText('1 conflict')
      await ada.getByLabel('Alias').fill('vibethinker-second')
      await expect(taken).toHaveCount(0)
    })

    await test.step('less takes effect at once', async () => {
      await ada.goto(`/access/request?change=${path.replace('/bindings/', '')}`)
      await ada.getByLabel('Concurrent requests').fill('1')
      await expect(ada.getByText('it takes effect at once, without a decision')).toBeVisible()
      await ada.getByRole('button', { name: 'Send the change' }).click()
      await ada.waitForURL('**/bindings/**')
      await expect(ada.getByText('Reduced by ada')).toBeVisible()
      await expect(ada.getByRole('row', { name: 'Concurrent requests' })).toHaveText(
        /Concurrent requests11/,
      )
    })
  } finally {
    await restore()
  }

  const end = ada.getByRole('region', { name: 'Given back' })
  await test.step('an end that fails again and again is the admins’ turn, and is tried at once where they ask', async () => {
    const mend = await failUnbinding()
    try {
      await ada.getByRole('button', { name: 'Release access' }).click()
      await ada.getByRole('alertdialog').getByRole('button', { name: 'Release access' }).click()
      await expectHeldUp(path)
    } finally {
      await mend()
    }
    await expect(end.getByText('an administrator has to look')).toBeVisible()
    await expect(ada.getByRole('button', { name: 'Try again now' })).toHaveCount(0)
    await grace.goto('/access?attention=heldUp')
    await grace.getByRole('link', { name: path.replace('/bindings/', '') }).click()
    await expect(grace.getByText('attempt 6 failed. Step remove-plan')).toBeVisible()
    await expectAccessibleState(grace, 'an end that is held up')
    await grace.getByRole('button', { name: 'Try again now' }).click()
  })
  await expect(ada.getByText(/Removal verified at/)).toBeVisible()
  await expect(end.getByText(/Refused .* after the end was asked for/)).toBeVisible()
  await expect(
    ada.getByRole('region', { name: 'Earlier grants' }).getByText('replaced'),
  ).not.toHaveCount(0)
  await ada.goto('/playground')
  await expect(ada.getByText('No binding is ready')).toBeVisible()
})

test('an answer is stopped and gone on with, and conversations are kept', async ({ browser }) => {
  const ada = await (await browserOf(browser, 'ada')).newPage()
  const grace = await (await browserOf(browser, 'grace')).newPage()
  const path = await askForAccess(ada, justification, undefined, 'EndpointSlice')
  await approve(grace, path)
  await expectReady(ada)
  await test.step('what is deleted by hand is shown, and put back once it may be', () =>
    loseSlice(ada))
  await ada.goto('/playground')
  await ada.getByTestId('prompt').fill('List the first 2000 primes with reasons.')
  await ada.getByRole('button', { name: /^Ask/ }).click()
  await expect(ada.getByTestId('reasoning')).toContainText(/\w{3}/)
  await ada.keyboard.press('Escape')
  await expect(ada.getByText('Stopped', { exact: true })).toBeVisible()
  await expect(ada.getByTestId('reasoning')).toBeVisible()

  // Gone on with, it is an answer of its own that begins with what was written; another device follows it.
  await ada.getByRole('button', { name: 'Continue', exact: true }).click()
  await expect(ada.getByText('2 of 2', { exact: true })).toBeVisible()
  const other = await (await browserOf(browser, 'ada')).newPage()
  await other.goto(ada.url())
  await ada.close()
  await expect(other.getByTestId('answer')).toContainText(/no prime is at most/)
  await other.keyboard.press('Escape')
  await expect(other.getByText('Stopped', { exact: true })).toBeVisible()
  await other.getByRole('button', { name: 'Previous answer' }).click()
  await expect(other.getByText('1 of 2', { exact: true })).toBeVisible()

  await test.step('a conversation goes on, branches, is taken along and found again', () =>
    goThroughConversation(other))

  await test.step('the admin sees how the rings fare, and that a canary needs a second GPU', async () => {
    await grace.goto('/rings?window=24h')
    const stable = grace.getByRole('region', { name: /^Stable/ })
    await expect(stable.getByText('research-team-a')).toBeVisible()
    await expect(stable.getByText(/\d ms median, .*\d ms p95/)).toBeVisible()
    await expect(stable.getByText(/^[\d.]+% \(\d+\)$/)).toBeVisible()
    await expect(grace.getByText(/vibethinker-canary: it needs a second GPU/)).toBeVisible()
    await grace.getByRole('button', { name: 'Move research-team-a to Canary' }).click()
    await expect(grace.getByRole('alertdialog')).toContainText('it needs a second GPU')
    await grace.keyboard.press('Escape')
  })

  await test.step('with an engine behind it, a tenant is moved there by a run, with its reason', async () => {
    // The other engine of this one GPU: what is tried is the move.
    await setService({ engines: { canary: { service: 'vibethinker-app' } } })
    const canary = grace.getByRole('region', { name: /^Canary/ })
    await expect(canary.getByText('1 engine ready')).toBeVisible()
    await grace.getByRole('button', { name: 'Move research-team-a to Canary' }).click()
    const dialog = grace.getByRole('alertdialog')
    await expect(dialog.getByText('Stable → Canary')).toBeVisible()
    await dialog.getByLabel(/^Comment/).fill('The first of three.')
    await dialog.getByRole('button', { name: 'Move 1 binding' }).click()
    await expect(canary.getByText('research-team-a')).toBeVisible()
    await setService({ engines: { canary: { service: 'vibethinker-canary' } } })
    await grace.goto(path)
    await expect(grace.getByText('“The first of three.”').first()).toBeVisible()
  })

  await test.step('its term ends by itself, and the page says how', async () => {
    const object = `/apis/bindery.dev/v1alpha1/namespaces/research-team-a/modelbindings/${path.split('/').at(-1)}`
    const over = { status: { granted: { expiresAt: new Date().toISOString(), cutAt: null } } }
    const { status } = await cluster(`${object}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: over,
    })
    expect(status).toBe(200)
    const end = grace.getByRole('region', { name: 'Expired' })
    await expect(end.getByText(/Removal verified/)).toBeVisible()
    await expectAccessibleState(grace, 'a binding that has expired')
  })
})

/** Whoever only wants to be told is told; the alias leads nowhere meanwhile, which is another trouble and said as well. */
async function loseSlice(page: Page): Promise<void> {
  const slices = '/apis/discovery.k8s.io/v1/namespaces/research-team-a/endpointslices'
  const slice = `${slices}/manual-vibe-proxy-bindery`
  await setService({ drift: 'Report' })
  expect((await cluster(slice, { method: 'DELETE' })).status).toBe(200)
  const panel = page.getByRole('region', { name: 'Not as it was approved' })
  await expect(panel).toContainText(
    'EndpointSlice research-team-a/manual-vibe-proxy-bindery is gone',
  )
  await expect(panel).toContainText('The model service asks to leave it so.')
  await expect(panel).toContainText('The alias has no slice of ours to keep.')
  await expectAccessibleState(page, 'a binding that was edited by hand and is stale')
  expect((await cluster(slice)).status).toBe(404)

  await setService({ drift: null })
  await expect(panel).toHaveCount(0)
  await expect.poll(async () => (await cluster(slice)).body).toHaveProperty('endpoints.0.addresses')
}

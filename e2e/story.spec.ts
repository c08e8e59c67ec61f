import { expect, test } from '@playwright/test'
import { approve, askForAccess, expectReady, justification } from './support/binding.ts'
import { cluster, list, removeBindings } from './support/cluster.ts'
import { browserOf } from './support/people.ts'

test.beforeEach(removeBindings)

test('asked, approved, run, used, revoked: each step is seen by those whom it concerns', async ({
  browser,
}) => {
  const ada = await (await browserOf(browser, 'ada')).newPage()
  const grace = await (await browserOf(browser, 'grace')).newPage()

  await grace.goto('/approvals')
  await expect(grace.getByText('Nothing waits for you')).toBeVisible()

  const path = await test.step('the researcher asks', async () => {
    const asked = await askForAccess(ada)
    const bindings = await list(
      '/apis/bindery.dev/v1alpha1/namespaces/research-team-a/modelbindings',
    )
    expect(bindings.map(({ metadata }) => asked.endsWith(metadata.name))).toEqual([true])
    return asked
  })

  await test.step('the admin sees it without reloading, reads the plan and approves', async () => {
    await expect(grace.getByText(justification)).toBeVisible()
    await grace.getByRole('link', { name: 'Read the plan and decide' }).click()
    await expect(grace.getByText('NetworkPolicy')).toBeVisible()
    await expect(grace.getByTestId('plan-digest')).toHaveText(/^sha256:/)
    await grace.getByLabel('Comment').fill('Welcome.')
    await grace.getByRole('button', { name: 'Approve and run' }).click()
  })

  await test.step('both follow the run live, also after a reload', async () => {
    for (const page of [ada, grace]) {
      await expect(page.getByRole('log', { name: 'Log' })).toContainText(/\w/)
    }
    await ada.reload()
    await expect(ada.getByRole('log', { name: 'Log' })).toContainText(/\w/)
  })

  await test.step('the binding becomes ready, with its receipt', async () => {
    await expectReady(ada)
    await expect(ada.getByText(/usable since .* first token in \d+ ms/)).toBeVisible()
    await expect(ada.getByText('“Welcome.”')).toBeVisible()
    const alias = await cluster('/api/v1/namespaces/research-team-a/services/vibethinker-gateway')
    expect(alias.body).toMatchObject({ spec: { type: 'ExternalName' } })
    await ada.getByRole('button', { name: 'Test the connection' }).click()
    await expect(ada.getByText(/It answers: bindery\/demo-solver/)).toBeVisible()
  })

  await test.step('the playground solves an equation', async () => {
    await ada.getByRole('link', { name: 'Open the playground' }).click()
    await ada.getByRole('button', { name: 'An equation' }).click()
    await ada.getByRole('button', { name: /^Ask/ }).click()
    await expect(ada.getByTestId('reasoning')).toBeVisible()
    await expect(ada.getByTestId('boxed')).toBeVisible({ timeout: 60_000 })
    await expect(ada.getByTestId('reasoning')).not.toHaveAttribute('open')
    expect(await ada.getByTestId('boxed').getAttribute('data-latex')).toMatch(/2.*3|3.*2/)
    await expect(ada.getByTestId('boxed').locator('.katex').first()).toBeVisible()
    await expect(ada.getByText('Tokens per second')).toBeVisible()
    const answer = ada.url()
    await ada.reload()
    expect(ada.url()).toBe(answer)
    await expect(ada.getByTestId('boxed')).toBeVisible()
  })

  await test.step('the admin revokes, the run proves it, nothing answers any more', async () => {
    await grace.goto(path)
    await grace.getByRole('button', { name: 'Revoke' }).click()
    await grace.getByLabel('Why').fill('The seminar is over.')
    await grace.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
    await expect(grace.getByText(/Proven to be gone at/)).toBeVisible({ timeout: 40_000 })
    const alias = await cluster('/api/v1/namespaces/research-team-a/services/vibethinker-gateway')
    expect(alias.status).toBe(404)
    await ada.goto('/playground')
    await expect(ada.getByText('No binding is ready')).toBeVisible()
  })
})

test('what is denied can be read by whom it concerns, and nothing was made', async ({
  browser,
}) => {
  const ada = await (await browserOf(browser, 'ada')).newPage()
  const grace = await (await browserOf(browser, 'grace')).newPage()
  const path = await askForAccess(ada)
  await grace.goto(path)
  await grace.getByLabel('Comment').fill('Please name the course.')
  await grace.getByRole('button', { name: 'Deny' }).click()
  await expect(ada.getByText('“Please name the course.”')).toBeVisible()
  const alias = await cluster('/api/v1/namespaces/research-team-a/services/vibethinker-gateway')
  expect(alias.status).toBe(404)
})

test('a researcher gives access back', async ({ browser }) => {
  const ada = await (await browserOf(browser, 'ada')).newPage()
  const grace = await (await browserOf(browser, 'grace')).newPage()
  const path = await askForAccess(ada)
  await approve(grace, path)
  await expectReady(ada)
  await ada.getByRole('button', { name: 'Give back' }).click()
  await ada.getByRole('alertdialog').getByRole('button', { name: 'Give back' }).click()
  await expect(ada.getByText(/Proven to be gone at/)).toBeVisible({ timeout: 40_000 })
})

test('stop stops the engine, and what was written stays', async ({ browser }) => {
  const ada = await (await browserOf(browser, 'ada')).newPage()
  const grace = await (await browserOf(browser, 'grace')).newPage()
  const path = await askForAccess(ada)
  await approve(grace, path)
  await expectReady(ada)
  await ada.goto('/playground')
  await ada.getByTestId('prompt').fill('List the first 2000 primes with reasons.')
  await ada.getByRole('button', { name: /^Ask/ }).click()
  await expect(ada.getByTestId('reasoning')).toContainText(/\w{3}/)
  await ada.keyboard.press('Escape')
  await expect(ada.getByText('Stopped')).toBeVisible()
  await expect(ada.getByTestId('reasoning')).toBeVisible()
})

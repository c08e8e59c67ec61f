import { expect, test } from '@playwright/test'
import { askForAccess } from './support/binding.ts'
import { removeBindings } from './support/cluster.ts'
import { browserOf } from './support/people.ts'

test('what happened is on record: searched, opened, verified, exported, and read by those whom it concerns', async ({
  browser,
}) => {
  await removeBindings()
  const adas = await browserOf(browser, 'ada')
  const graces = await browserOf(browser, 'grace')
  const ada = await adas.newPage()
  const grace = await graces.newPage()
  const path = await askForAccess(ada)
  await grace.goto(path)
  await grace.getByLabel('Comment').fill('Name the course, please.')
  await grace.getByRole('button', { name: 'Deny' }).click()
  await expect(ada.getByText('“Name the course, please.”').first()).toBeVisible()

  await test.step('the administrator searches; the address reproduces what is found', async () => {
    await grace.getByRole('link', { name: 'Audit' }).click()
    await grace.getByLabel('Words').fill('name the course')
    await grace.getByLabel('Namespace').fill('research-team-a')
    await grace.keyboard.press('Enter')
    await expect(grace).toHaveURL(/text=name\+the\+course/)
    await grace.reload()
    const row = grace.getByRole('row', { name: /Denied/ }).first()
    await expect(row).toContainText('grace')
    await row.getByRole('button', { name: /Open record/ }).click()
    const dialog = grace.getByRole('dialog')
    await expect(dialog.getByText(/"digest": "sha256:/)).toBeVisible()
    await expect(dialog.getByText(/"requestId": "/)).toBeVisible()
    await expect(dialog.getByText(/^[0-9a-f]{64}$/)).toHaveCount(2)
    await expect(grace).toHaveURL(/record=\d+/)
    await grace.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
  })

  await test.step('it is verified and exported', async () => {
    await grace.getByRole('button', { name: 'Verify now' }).click()
    await expect(grace.getByText(/Verified up to #\d+/)).toBeVisible()
    const csv = await graces.request.get('/api/audit/export.csv?namespace=research-team-a')
    expect(csv.headers()['content-type']).toContain('text/csv')
    expect(await csv.text()).toMatch(/,denied,grace,ModelBinding,research-team-a,/)
    const lines = await graces.request.get('/api/audit/export.jsonl')
    const [newest = '', second = ''] = (await lines.text()).split('\n')
    expect(JSON.parse(newest).previous).toBe(JSON.parse(second).hash)
  })

  await test.step('what comes meanwhile is told, and does not move what is read', async () => {
    await grace.getByRole('button', { name: 'Clear' }).click()
    await expect(grace.getByRole('row', { name: /Denied/ }).first()).toBeVisible()
    await browserOf(browser, 'bo')
    await grace.getByRole('button', { name: /new record/ }).click()
    await expect(grace.getByRole('row', { name: /Signed in/ }).first()).toContainText('bo')
  })

  await test.step('a tenant reads its own binding’s history, and not the trail', async () => {
    await ada.reload()
    const history = ada.getByRole('list', { name: 'On record' })
    await expect(history).toContainText('Denied grace')
    await expect(history).toContainText('Access requested ada')
    await expect(ada.getByRole('link', { name: 'Audit' })).toHaveCount(0)
    await ada.goto('/audit')
    await expect(
      ada
        .getByRole('alert')
        .getByText(/may not/)
        .first(),
    ).toBeVisible()
  })
})

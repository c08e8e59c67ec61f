import { expect, type Page } from '@playwright/test'
import { readyBinding } from './support/api.ts'
import { cluster } from './support/cluster.ts'
import { newConversation } from './support/conversation.ts'
import { serving } from './support/faults.ts'
import { browserOf } from './support/people.ts'
import { test } from './support/test.ts'

/** By how much the page is wider than its window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
}

const digits = '1234567890'.repeat(20)
const long = Array.from({ length: 60 }, (_, i) => `x_{${i}}`).join(' + ')

test('what cannot be broken stays in its box, and a formula is copied as its source', async ({
  browser,
}) => {
  const context = await browserOf(browser, 'ada')
  await readyBinding(context, await browserOf(browser, 'grace'))
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  await page.goto('/playground')
  for (const question of [
    `#say\nThe number ${digits}`,
    `#say\nIn $x$ and ${digits}\n\n$$${long}$$\n\nand $\\frac{1}{2}$ it ends.`,
  ]) {
    await newConversation(page)
    await page.getByTestId('prompt').fill(question)
    await page.getByRole('button', { name: /^Ask/ }).click()
    await expect(page.getByTestId('answer')).toBeVisible()
    for (const width of [1440, 768, 390]) {
      await page.setViewportSize({ width, height: 900 })
      await expect.poll(() => overflow(page)).toBeLessThanOrEqual(0)
    }
  }
  const display = page.getByTestId('answer').locator('.katex-display').first()
  await expect(display).toBeVisible()
  const box = await display.evaluate(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
  expect(box).toBe(true)

  const copied = await page.getByTestId('answer').evaluate((answer) => {
    const selection = getSelection()
    selection?.selectAllChildren(answer)
    document.execCommand('copy')
    selection?.removeAllRanges()
    return navigator.clipboard.readText()
  })
  expect(copied.split('x_{59}')).toHaveLength(2)
  expect(copied).toContain('$\\frac{1}{2}$')
  await page.getByRole('button', { name: 'Copy answer' }).click()
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toContain(`$$${long}$$`)
})

test('runs: one step may fail, another never runs, a third cannot start, and no reason widens the list', async ({
  browser,
}) => {
  const page = await (await browserOf(browser, 'grace')).newPage()
  const taskRuns = `/apis/tekton.dev/v1/namespaces/${serving}/taskruns`
  const image = 'localhost/busybox:1'
  const start = async (generateName: string, spec: object, annotations = {}) => {
    const body = {
      apiVersion: 'tekton.dev/v1',
      kind: 'TaskRun',
      metadata: { generateName, annotations },
      spec,
    }
    const made = await cluster(taskRuns, { method: 'POST', body })
    return (made.body as { metadata: { name: string } }).metadata.name
  }
  const steps = await start(
    'odd-',
    {
      taskSpec: {
        steps: [
          { name: 'may-fail', image, onError: 'continue', script: '#!/bin/sh\nexit 7\n' },
          { name: 'fails', image, script: '#!/bin/sh\necho no; exit 3\n' },
          { name: 'never', image, script: '#!/bin/sh\necho never\n' },
        ],
      },
    },
    { 'bindery.dev/reason': 'unbreakable-'.repeat(40) },
  )
  const waiting = await start('waits-', {
    workspaces: [{ name: 'settings', configMap: { name: 'not-there' } }],
    taskSpec: {
      workspaces: [{ name: 'settings' }],
      steps: [{ name: 'read', image, script: '#!/bin/sh\ntrue\n' }],
    },
  })

  await page.goto(`/runs/${serving}/${steps}`)
  const list = page.getByRole('list', { name: 'Steps' }).first()
  await expect(list.getByRole('listitem').nth(0)).toContainText(
    'Failed, run continued · exit code 7',
  )
  await expect(list.getByRole('listitem').nth(1)).toContainText('Failed · exit code 3')
  await expect(list.getByRole('listitem').nth(2)).toHaveText(/^never\s*Did not run$/)

  await page.goto(`/runs/${serving}/${waiting}`)
  const card = page.getByRole('region', { name: 'The pod cannot start yet' })
  await expect(card).toContainText('configmap not-there does not exist')
  await expect(card).toContainText('An administrator of Bindery')
  await page.getByRole('button', { name: 'Cancel the run' }).click()
  const dialog = page.getByRole('alertdialog')
  await expect(dialog.getByRole('button', { name: 'Keep running' })).toBeVisible()
  await dialog.getByLabel('Reason (optional)').fill('The ConfigMap is not coming.')
  await dialog.getByRole('button', { name: 'Cancel the run' }).click()
  await expect(page.getByText(/The ConfigMap is not coming/).first()).toBeVisible()

  await page.goto('/runs')
  await expect(page.getByRole('link', { name: steps })).toBeVisible()
  for (const width of [1440, 1024, 390]) {
    await page.setViewportSize({ width, height: 900 })
    await expect.poll(() => overflow(page)).toBeLessThanOrEqual(0)
    const inside = await page
      .getByRole('table')
      .evaluate(
        (table) =>
          table.getBoundingClientRect().right <=
          (table.parentElement?.getBoundingClientRect().right ?? 0) + 1,
      )
    expect(inside).toBe(true)
  }
})

import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test'
import { readyBinding, send, wish } from './support/api.ts'
import { countingRun, killEngine, killWeb, scaleEngine, serving } from './support/faults.ts'
import { holdTokens } from './support/hold-tokens.ts'
import { networkTo } from './support/network.ts'
import { browserOf } from './support/people.ts'
import { listen } from './support/spoken.ts'
import { test } from './support/test.ts'

const cutNotice = 'The connection is cut.'

test('a web that dies while it streams: the page goes on by itself and keeps what was written', async ({
  browser,
}) => {
  const { grace, page } = await playground(browser)
  const waiting = await grace.newPage()
  await waiting.goto('/approvals')
  await expect(waiting.getByText('Nothing waits for you')).toBeVisible()
  await ask(page, '#bench:6000')
  const before = await someWords(page)

  // It may come back before anybody looks: what is said meanwhile is noted as it is said.
  const heard = await listen(page)
  killWeb()
  await expect.poll(async () => (await heard()).join()).toContain(cutNotice)
  await expect(page.getByText(cutNotice)).toBeHidden()
  await expect(waiting.getByText(cutNotice)).toBeHidden()
  await expect.poll(() => written(page)).toContain(before)

  // The lists of the new life reach the pages of the old one.
  const bo = await browserOf(browser, 'bo')
  const words = 'Asked of a web that has just come back.'
  const other = { ...wish, namespace: 'research-team-b', justification: words }
  expect((await send(bo, 'POST', '/api/bindings', other)).status()).toBe(201)
  await expect(waiting.getByText(words)).toBeVisible()
  await send(bo, 'DELETE', `/api/bindings/${other.namespace}/${other.alias}`)

  await expect(page.getByText(/^Interrupted: /)).toBeVisible()
  await expect.poll(() => written(page)).toContain(before)
  await page.reload()
  await expect(page.getByText(/^Interrupted: /)).toBeVisible()
  await expect.poll(() => written(page)).toContain(before)
})

test('a cut network loses no line and no token, and repeats none', async ({ browser, baseURL }) => {
  const { grace, page } = await playground(browser)
  const network = await networkTo(`${baseURL}`)
  await page.goto(`${network.url}/playground`)
  await grace.grantPermissions(['clipboard-read', 'clipboard-write'])
  const log = await grace.newPage()
  await ask(page, '#bench:1500')
  await someWords(page)
  const run = await countingRun(800)
  await log.goto(`${network.url}/runs/${serving}/${run}`)
  await expect(log.getByText(/^Live · \d{2,} lines$/)).toBeVisible()

  // The one page loses its network, the other one is told by its browser that there is none.
  await grace.setOffline(true)
  network.cut()
  const before = (await storedLines(grace, run)).length
  await expect(page.getByText(cutNotice)).toBeVisible()
  await expect(log.getByText('Connecting…', { exact: true })).toBeVisible()
  // The test's own requests go another way: meanwhile run and answer go on.
  await expect.poll(async () => (await storedLines(grace, run)).length).toBeGreaterThan(before)
  network.mend()
  await grace.setOffline(false)

  await expect(log.getByText('Ended · 800 lines', { exact: true })).toBeVisible()
  await log.getByRole('button', { name: 'Copy', exact: true }).click()
  await expect(log.getByText('Copied')).toBeVisible()
  const shown = await log.evaluate(() => navigator.clipboard.readText())
  expect(shown.split('\n')).toEqual(await storedLines(grace, run))
  expect(shown.split('\n')).toEqual(Array.from({ length: 800 }, (_, i) => `line ${i} of 800`))

  await expectKept(page)
  await network.close()
})

test('an answer goes on while the database takes nothing, is said to be unsaved, and is kept in the end', async ({
  browser,
}) => {
  const { page } = await playground(browser)
  await ask(page, '#bench:1500')
  await someWords(page)
  const letGo = await holdTokens()
  const unsaved = page.getByText(/is not saved yet/)
  try {
    await expect(unsaved).toBeVisible()
    const before = (await written(page)).length
    await expect.poll(async () => (await written(page)).length).toBeGreaterThan(before)
  } finally {
    await letGo()
  }
  await expect(unsaved).toBeHidden()
  await expectKept(page)
})

test('an engine that dies in mid-answer is told in words, and answers again once it is back', async ({
  browser,
}) => {
  const { ada, path, page } = await playground(browser)
  await ask(page, '#bench:6000')
  const before = await someWords(page)
  await killEngine()
  await expect(page.getByText('Broken off', { exact: true })).toBeVisible()
  await expect(alert(page)).toContainText(/stopped in the middle of the answer/)
  await expect.poll(() => written(page)).toContain(before)

  await engineAnswers(ada, path)
  await ask(page, 'Find gcd(1071, 462).')
  await expect(page.getByTestId('boxed')).toHaveAttribute('data-latex', '21')
})

test('with no engine at all the page says so, and needs no reload afterwards', async ({
  browser,
}) => {
  const { ada, path, page } = await playground(browser)
  await scaleEngine(0)
  try {
    await ask(page, 'Find gcd(1071, 462).')
    await expect(alert(page)).toContainText(/cannot be reached|not ready|is down/)
  } finally {
    await scaleEngine(1)
  }
  await engineAnswers(ada, path)
  await ask(page, 'Find gcd(1071, 462).')
  await expect(page.getByTestId('boxed')).toHaveAttribute('data-latex', '21')
})

async function playground(browser: Browser) {
  const [ada, grace] = [await browserOf(browser, 'ada'), await browserOf(browser, 'grace')]
  const path = await readyBinding(ada, grace)
  const page = await ada.newPage()
  await page.goto('/playground')
  return { ada, grace, path, page }
}

async function ask(page: Page, prompt: string): Promise<void> {
  const before = page.url()
  await page.getByTestId('prompt').fill(prompt)
  await page.getByRole('button', { name: /^Ask/ }).click()
  await page.waitForURL((url) => url.href !== before && url.searchParams.has('answer'))
}

function alert(page: Page) {
  return page.getByRole('main').getByRole('alert')
}

function written(page: Page): Promise<string> {
  return page.getByTestId('answer').evaluate((element) => element.textContent)
}

/** The first whole paragraph of the answer: finished blocks do not change any more. */
async function someWords(page: Page): Promise<string> {
  const block = page.getByTestId('answer').locator('p').first()
  await expect(page.getByTestId('answer').locator('p').nth(2)).toBeVisible()
  return block.evaluate((element) => element.textContent)
}

/** Ends it, if it has not come to its end: who followed it reads what a page reads that was not there, from what is stored. */
async function expectKept(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  const later = await page.context().newPage()
  for (const one of [page, later]) {
    // What is far from the window is not typeset.
    await one.setViewportSize({ width: 1440, height: 8000 })
    if (one === later) await later.goto(page.url())
    await expect(one.getByText(/^(Done|Stopped)$/)).toBeVisible()
    await expect(one.getByTestId('answer').locator('[data-source]')).toHaveCount(0)
  }
  await expect(async () => expect(await written(later)).toBe(await written(page))).toPass({
    timeout: 60_000,
  })
}

/** The lines of a run's log as the file to download has them, without their times and steps. */
async function storedLines(context: BrowserContext, run: string): Promise<string[]> {
  const file = await context.request.get(`/api/runs/${serving}/${run}/log.txt`)
  const lines = (await file.text()).trimEnd().split('\n')
  return lines.map((line) => line.split(' ').slice(2).join(' '))
}

/** Not only is it ready: who asks it by way of the gateway is answered. */
async function engineAnswers(ada: BrowserContext, path: string): Promise<void> {
  await expect.poll(async () => (await send(ada, 'POST', `/api${path}/test`)).status()).toBe(200)
}

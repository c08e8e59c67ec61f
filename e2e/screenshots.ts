import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, expect, type Page } from '@playwright/test'
import { askForAccess, expectReady } from './support/binding.ts'
import { chromiumPath } from './support/chromium.ts'
import { type Person, signIn } from './support/people.ts'
import { runDemo } from './support/run-demo.ts'

/** `npm run screenshots`: goes through the story in a demo of its own and keeps the README's pictures. */
const folder = join(import.meta.dirname, '../public/screenshots')
const desk = { width: 1280, height: 800 }
const tall = { width: 1280, height: 1240 }
const phone = { width: 390, height: 844 }

type Look = {
  theme: 'light' | 'dark'
  language?: 'en' | 'zh-CN'
  viewport?: { width: number; height: number }
}

async function pageOf(browser: Browser, url: string, person: Person, look: Look): Promise<Page> {
  const { theme, language = 'en', viewport = desk } = look
  const context = await browser.newContext({
    baseURL: url,
    viewport,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  // People are chosen by their English words; the reader's language is set afterwards.
  await context.addCookies([
    { name: 'bindery-theme', value: theme, url },
    { name: 'bindery-language', value: 'en', url },
  ])
  await signIn(page, person)
  await context.addCookies([{ name: 'bindery-language', value: language, url }])
  return page
}

async function keep(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready.then(() => {}))
  await page.mouse.move(0, 0)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (wide > 0) throw new Error(`${name}: the page is ${wide} px wider than its window.`)
  const session = await page.context().newCDPSession(page)
  const { width, height } = page.viewportSize() ?? desk
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: 82,
    clip: { x: 0, y: await page.evaluate(() => scrollY), width, height, scale: 1.5 },
  })
  const file = join(folder, `${name}.webp`)
  writeFileSync(file, Buffer.from(data, 'base64'))
  console.log(`${name}.webp, ${Math.round(statSync(file).size / 1024)} kB`)
}

async function tell(browser: Browser, url: string): Promise<void> {
  const ada = await pageOf(browser, url, 'ada', { theme: 'light', viewport: tall })
  const grace = await pageOf(browser, url, 'grace', { theme: 'light', viewport: tall })
  const graceByNight = await pageOf(browser, url, 'grace', { theme: 'dark' })

  const binding = await askForAccess(ada)
  await grace.goto(binding)
  await expect(grace.getByTestId('plan-digest')).toHaveText(/^sha256:/)
  await grace.getByLabel('Comment').fill('Welcome. Please tell us what you find.')
  await keep(grace, 'approve')

  await grace.getByRole('button', { name: 'Approve and run' }).click()
  await expectReady(ada)
  const run = await ada.evaluate(async () => {
    const runs: { namespace: string; name: string }[] = await (await fetch('/api/runs')).json()
    return runs[0]
  })
  await graceByNight.goto(`/runs/${run?.namespace}/${run?.name}`)
  await expect(graceByNight.getByRole('log', { name: 'Log' })).toContainText(/\w/)
  await keep(graceByNight, 'run')

  await ada.goto(binding)
  await ada.getByRole('link', { name: 'Open the playground' }).click()
  await ada.getByLabel('Preset').selectOption('mathematics')
  await ada.getByTestId('prompt').fill('Solve the equation $x^2 - 5x + 6 = 0$.')
  await ada.getByRole('button', { name: /^Ask/ }).click()
  await expect(ada.getByTestId('boxed').locator('.katex').first()).toBeVisible({ timeout: 60_000 })
  await expect(ada.getByText('Tokens per second')).toBeVisible()
  await ada.getByTestId('reasoning').locator('summary').click()
  await ada.getByText('Tokens per second').scrollIntoViewIfNeeded()
  await keep(ada, 'playground')

  const onPhone = await pageOf(browser, url, 'ada', {
    theme: 'dark',
    language: 'zh-CN',
    viewport: phone,
  })
  await onPhone.goto(binding)
  await expect(onPhone.getByRole('heading', { name: '如何调用' })).toBeVisible()
  await keep(onPhone, 'phone')
}

mkdirSync(folder, { recursive: true })
const demo = await runDemo('screenshots', {}, console.log)
try {
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
  try {
    await tell(browser, demo.url)
  } finally {
    await browser.close()
  }
} finally {
  await demo.stop()
}

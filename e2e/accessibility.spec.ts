import { expect } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { baseURL } from './support/address.ts'
import { expectQuickFirstLoad } from './support/first-load.ts'
import { browserOf, type Person } from './support/people.ts'
import { test } from './support/test.ts'

const pages: { path: string; person?: Person; heading: Record<'en' | 'zh-CN', string> }[] = [
  { path: '/sign-in', heading: { en: 'Bindery', 'zh-CN': 'Bindery' } },
  { path: '/access', person: 'ada', heading: { en: 'Access', 'zh-CN': '访问权限' } },
  {
    path: '/access/request',
    person: 'ada',
    heading: { en: 'Request access', 'zh-CN': '申请访问' },
  },
  {
    path: '/models/model-serving-prod/vibethinker',
    person: 'ada',
    heading: { en: 'VibeThinker-1.5B', 'zh-CN': 'VibeThinker-1.5B' },
  },
  { path: '/approvals', person: 'grace', heading: { en: 'Approvals', 'zh-CN': '审批' } },
  { path: '/rings', person: 'grace', heading: { en: 'Rings', 'zh-CN': '发布环' } },
  { path: '/runs', person: 'grace', heading: { en: 'Runs', 'zh-CN': '运行记录' } },
  { path: '/audit', person: 'grace', heading: { en: 'Audit', 'zh-CN': '审计' } },
  { path: '/tasks', person: 'grace', heading: { en: 'Tasks', 'zh-CN': '任务' } },
  {
    path: '/tasks/model-serving-prod/start-vibethinker-service',
    person: 'grace',
    heading: { en: 'start-vibethinker-service', 'zh-CN': 'start-vibethinker-service' },
  },
  { path: '/playground', person: 'lin', heading: { en: 'Playground', 'zh-CN': '演练场' } },
  {
    path: '/changes',
    person: 'ada',
    heading: { en: 'About these Tasks', 'zh-CN': '关于这些 Task' },
  },
]

for (const { path, person, heading } of pages) {
  test(`${path} can be used by everybody, in both languages, in light and dark`, async ({
    browser,
  }) => {
    const context = person ? await browserOf(browser, person) : await browser.newContext()
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    for (const language of ['en', 'zh-CN'] as const) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await context.addCookies([{ name: 'bindery-language', value: language, url: baseURL }])
        await page.emulateMedia({ colorScheme })
        const response = await page.goto(path)
        await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading[language])
        const isFirst = language === 'en' && colorScheme === 'light'
        if (isFirst) await expectQuickFirstLoad(page, response)
        await expect(page.locator('html')).toHaveAttribute('lang', language)
        await expect(page.getByRole('status', { name: /oading|加载/ })).toHaveCount(0)
        await expectAccessible(page, `${language} ${colorScheme}`)
      }
    }
    expect(complaints).toEqual([])
    await context.close()
  })
}

test('a phone shows every page without scrolling sideways, and the menu opens', async ({
  browser,
}) => {
  const context = await browserOf(browser, 'grace')
  const page = await context.newPage()
  await page.setViewportSize({ width: 390, height: 844 })
  for (const { path } of pages.filter((one) => one.person)) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    const widerPx = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    await expect.poll(widerPx, path).toBeLessThanOrEqual(0)
  }
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'Access' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Access')
})

test('the whole way to a request can be gone with the keyboard', async ({ browser }) => {
  const page = await (await browserOf(browser, 'lin')).newPage()
  await page.goto('/access/request')
  await page.getByLabel('Justification').focus()
  await page.keyboard.type('short')
  await page.getByRole('button', { name: 'Send the request' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Justification')).toBeFocused()
  await expect(page.getByText('Between 10 and 2,000 characters.')).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('Justification')).toHaveValue('short')
})

test('a page that breaks leaves the way to the others, and can be tried again', async ({
  browser,
}) => {
  const page = await (await browserOf(browser, 'lin')).newPage()
  await page.route('**/api/services', (route) => route.fulfill({ json: [{ id: 'broken' }] }))
  // Whole lists come over it, and would mend the page before it breaks.
  await page.route('**/api/stream*', (route) => route.abort())
  await page.goto('/access')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This page could not be shown')
  await expectAccessible(page, 'a page that broke')
  await page.unrouteAll()
  await page.getByRole('link', { name: 'Runs' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Runs')
})

test('an address without a page says so within the frame, in both languages', async ({
  browser,
}) => {
  const context = await browserOf(browser, 'lin')
  const page = await context.newPage()
  for (const [language, title, back] of [
    ['zh-CN', '没有这个页面', '前往访问权限'],
    ['en', 'There is no such page', 'Go to access'],
  ] as const) {
    await context.addCookies([{ name: 'bindery-language', value: language, url: baseURL }])
    for (const path of ['/nowhere', '/runs/no/such/page']) {
      expect((await page.goto(path))?.status(), path).toBe(404)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(title)
      await expect(page.getByRole('main').getByRole('link', { name: back })).toBeVisible()
    }
    await expectAccessible(page, `no page, ${language}`)
  }
  const nobody = await browser.newContext()
  expect((await nobody.request.get('/nowhere')).url()).toContain('/sign-in?callbackUrl=%2Fnowhere')
  for (const file of ['/_next/static/gone.js', '/robots.txt']) {
    expect((await nobody.request.get(file)).status(), file).toBe(404)
  }
  await nobody.close()
  await page.getByRole('navigation').getByRole('link', { name: 'Playground' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Playground')
  await context.close()
})

test('a move between rings that was refused says why in the reader’s language', async ({
  browser,
}) => {
  const context = await browserOf(browser, 'grace')
  await context.addCookies([{ name: 'bindery-language', value: 'zh-CN', url: baseURL }])
  const page = await context.newPage()
  const moves = [{ namespace: 'research-team-a', name: 'b', from: 'stable', to: 'canary' }]
  const why = { message: 'There is no access that could be moved.', key: 'binding.nothingToMove' }
  await page.route('**/api/rings/*/*/share', (route) => {
    const { preview } = route.request().postDataJSON()
    const failed = preview ? [] : moves.map((move) => ({ ...move, ...why }))
    return route.fulfill({ json: { moves, failed } })
  })
  await page.goto('/rings')
  await page.getByRole('button', { name: '查看哪些租户会移动' }).click()
  const dialog = page.getByRole('alertdialog')
  await dialog.getByRole('button', { name: /^移动/ }).click()
  await expect(dialog).toContainText('research-team-a/b：没有可以移动的访问权限。')
  await expect(dialog).not.toContainText(why.message)
  await context.close()
})

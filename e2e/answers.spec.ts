import { expect, type Page, type Request } from '@playwright/test'
import { expectAccessibleState } from './support/accessible.ts'
import { baseURL } from './support/address.ts'
import { bindingAt, readyBinding, send, wish } from './support/api.ts'
import { newConversation } from './support/conversation.ts'
import { deleteElsewhere } from './support/delete-elsewhere.ts'
import { growPastTheEnd } from './support/grow-past-the-end.ts'
import { browserOf } from './support/people.ts'
import { test } from './support/test.ts'

async function ask(page: Page, question: string) {
  await page.getByTestId('prompt').fill(question)
  await page.getByRole('button', { name: /^Ask/ }).click()
}

test('an answer is typeset by workers; its thought is searched, outlined, ended and told apart', async ({
  browser,
}) => {
  test.setTimeout(150_000)
  const context = await browserOf(browser, 'ada')
  await readyBinding(context, await browserOf(browser, 'grace'))
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  const elsewhere: string[] = []
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    if (protocol !== 'blob:' && host !== new URL(baseURL).host) elsewhere.push(request.url())
  })
  await page.goto('/playground?preset=mathematics')

  await test.step('code is coloured, and taken along as it is', async () => {
    const asked: string[] = []
    const note = (request: Request) => asked.push(request.url())
    page.on('request', note)
    await ask(page, 'Write a Python function for binary search.')
    await page.waitForURL('**conversation=**')
    await expect(page.getByTestId('reasoning')).toBeVisible()
    page.off('request', note)
    // The way from a question to its first token does not lead through another rendering of the page.
    expect(asked.filter((url) => url.includes('conversation='))).toEqual([])
    await expect(page.locator('figure.code .hljs-keyword').first()).toBeVisible()
    await expect(page.getByText('Finished (stop)')).toBeVisible()
    for (const number of [
      'Time to first token',
      'Queue',
      'Prefill',
      'Reasoning tokens',
      'Answer tokens',
    ]) {
      await expect(page.getByText(number, { exact: true })).toBeVisible()
    }
    await page.getByRole('button', { name: 'Copy', exact: true }).first().click()
    const code = await page.locator('figure.code code').first().textContent()
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(code)
    // Over plain HTTP there is no clipboard to ask for.
    await page.evaluate(() => {
      const { clipboard } = navigator
      Object.assign(window, { clipboard })
      Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })
      return clipboard.writeText('')
    })
    await page.locator('figure.code [data-copy]').first().click()
    await expect
      .poll(() =>
        page.evaluate(() => (window as unknown as { clipboard: Clipboard }).clipboard.readText()),
      )
      .toBe(code)
    expect(page.workers().length).toBeGreaterThan(0)
    expect(page.workers().length).toBeLessThanOrEqual(2)
    await expectAccessibleState(page, 'an answer with code')
  })

  await test.step('what a window that was left open asks for once more is the same answer', async () => {
    const other = await context.newPage()
    await other.goto(page.url())
    const again = (one: Page) => one.getByRole('button', { name: 'Answer again' })
    await expect(again(other)).toBeVisible()
    const before = page.url()
    await again(page).click()
    await expect(page).not.toHaveURL(before)
    await again(other).click()
    await expect(other.getByText('in another window already')).toBeVisible()
    await expect(other).toHaveURL(page.url())
    await expect(other.getByText('2 of 2', { exact: true })).toBeVisible()
    await other.close()
    await expect(again(page)).toBeVisible()
  })

  const asksAgain = await test.step('what was deleted elsewhere is said to be gone', () =>
    deleteElsewhere(page))

  await test.step('a thought that grows is followed in a hall; who scrolls up is let go', async () => {
    await page.goto('/playground?preset=mathematics&hall=28')
    // Longer than the screen: its answer begins below.
    await ask(page, `#loop${'\nand so on'.repeat(40)}`)
    await growPastTheEnd(page)
    await page.getByRole('button', { name: 'Back to the whole page' }).click()
  })

  await test.step('a thought that goes in circles is noticed, and finished', async () => {
    await expect(page.getByText(/said the same \d+ times in a row/)).toBeVisible()
    const reasoning = page.getByTestId('reasoning')
    await reasoning.getByRole('button', { name: 'Outline' }).click()
    const outline = page.getByRole('navigation', { name: 'Outline' })
    await outline.getByRole('button', { name: /^Doubt \d/ }).click()
    await outline.getByRole('listitem').nth(2).getByRole('button').click()
    await expect(reasoning.locator('[data-hit]')).toContainText('Wait')
    const search = page.getByRole('searchbox', { name: 'Search the reasoning' })
    await search.fill('verify that')
    await search.press('Enter')
    await expect(reasoning.getByText(/^1 of \d+/)).toBeVisible()
    await search.press('Escape')
    // Whoever empties a field, or composes a word, does not mean the answer.
    await page.getByRole('searchbox', { name: 'Search', exact: true }).press('Escape')
    await page.getByTestId('prompt').dispatchEvent('keydown', { key: 'Escape', isComposing: true })
    await expectAccessibleState(page, 'a thought with its outline')
    await expect(page.getByText('Thinking', { exact: true })).toBeVisible()
    await page.getByRole('button', { name: 'Finish now' }).first().click()
    await expect(page.getByTestId('boxed')).toHaveAttribute('data-latex', '2')
    await expect(page.getByTestId('reasoning')).not.toHaveAttribute('open')
    await expect(page.getByText('· continued')).toBeVisible()
  })

  await test.step('in a hall there is the problem, the thought and the answer, and text as large as one needs', async () => {
    await page.getByRole('button', { name: 'Projector view' }).click()
    const answer = page.getByTestId('boxed')
    const sizeOf = () => answer.evaluate((one) => Number.parseFloat(getComputedStyle(one).fontSize))
    await expect.poll(sizeOf).toBeGreaterThan(40)
    for (const hidden of [
      'Access',
      'System prompt and sampling',
      'New conversation',
      'Answer again',
    ]) {
      await expect(page.getByText(hidden, { exact: true }).first()).toBeHidden()
    }
    const before = await sizeOf()
    await page.keyboard.press('+')
    await expect.poll(sizeOf).toBeGreaterThan(before)
    await page.reload()
    await expect.poll(sizeOf).toBeGreaterThan(before)
    await expectAccessibleState(page, 'an answer in a hall')
    await page.getByRole('button', { name: 'Back to the whole page' }).click()
    await expect(page.getByRole('button', { name: 'New conversation' })).toBeVisible()
    await expect.poll(sizeOf).toBeLessThan(before)
  })

  await test.step('on paper there is what was asked and answered, all of it set, and nothing to press', async () => {
    await page.getByTestId('reasoning').locator('summary').click()
    const source = page.locator('.block[data-source]')
    await expect(source).not.toHaveCount(0)
    await page.emulateMedia({ media: 'print' })
    await expect(page.getByText('Parts of this print are LaTeX source.')).toBeVisible()
    // What a browser would put on paper, when it does.
    await page.evaluate(() => {
      window.print = () => {
        document.body.dataset.printed = ''
      }
    })
    await page.keyboard.press('Control+p')
    await expect(page.locator('body[data-printed]')).toBeVisible()
    await expect(source).toHaveCount(0)
    await expect(page.getByText('Parts of this print are LaTeX source.')).toBeHidden()
    await page.evaluate(() => dispatchEvent(new Event('afterprint')))
    await expect(source).not.toHaveCount(0)
    await page.getByTestId('reasoning').locator('summary').click()
    await expect(page.getByTestId('boxed')).toBeVisible()
    await expect(page.getByRole('button')).toHaveCount(0)
    await expect(page.getByRole('navigation')).toHaveCount(0)
    await page.emulateMedia({ media: null })
  })

  await test.step('all of it fits on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.getByTestId('reasoning').locator('summary').click()
    await page.getByTestId('reasoning').getByRole('button', { name: 'Outline' }).click()
    await expect(page.getByRole('navigation', { name: 'Outline' })).toBeVisible()
    const widerPx = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    await expect.poll(widerPx).toBeLessThanOrEqual(0)
  })

  expect(asksAgain()).toBe(false)
  expect(elsewhere).toEqual([])
})

test('a preset of one’s own is kept, changed, restored and deleted; a question is shown as code', async ({
  browser,
}) => {
  const context = await browserOf(browser, 'ada')
  await readyBinding(context, await browserOf(browser, 'grace'))
  const page = await context.newPage()
  await page.goto('/playground')
  await page.getByText('System prompt and sampling').click()
  const role = page.getByLabel('System prompt')
  await expect(role).toHaveValue(
    'You are a programming assistant solving competitive coding problems.',
  )

  await test.step('another preset brings its own role', async () => {
    await page.getByLabel('Preset', { exact: true }).selectOption('reproduce-the-benchmark')
    await expect(role).toHaveValue('')
    await expect(page.getByText('There is no role')).toBeHidden()
    await page.getByLabel('Temperature').fill('0')
    await expect(page.getByText('At 0 it repeats itself')).toBeVisible()
    await expectAccessibleState(page, 'a warning about a sampling value')
  })

  await test.step('kept under a name, and written on', async () => {
    const title = `Greedy ${Date.now()}`
    await page.getByRole('button', { name: 'Save as a preset' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill(title)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByLabel('Preset', { exact: true }).locator(':checked')).toHaveText(title)
    await expect(page).toHaveURL(/preset=own/)
    await role.fill('You prove things.')
    await page.getByRole('button', { name: 'Save as version 2' }).click()
    await page.getByRole('button', { name: 'Versions (2)' }).click()
    await page.getByRole('button', { name: 'Restore version 1' }).click()
    await expect(page.getByText('Version 3 · as version 1')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(role).toHaveValue('')
    await page.reload()
    await page.getByText('System prompt and sampling').click()
    await expect(page.getByLabel('Temperature')).toHaveValue('0')
  })

  await test.step('the code asks the team’s own address with what is in the form', async () => {
    await page.getByTestId('prompt').fill("It's $x^2 = 4$.")
    await page.getByRole('button', { name: 'View code' }).click()
    const dialog = page.getByRole('dialog', { name: 'View code' })
    await expect(dialog.getByText('curl -N http://vibethinker-gateway:8080')).toBeVisible()
    await expect(dialog.getByText(`It'\\''s $x^2 = 4$.`)).toBeVisible()
    await dialog.getByRole('tab', { name: 'Python' }).click()
    await expect(dialog.getByText('from openai import OpenAI')).toBeVisible()
    await dialog.getByRole('tab', { name: 'Pod' }).click()
    await expect(dialog.getByText('audience: bindery')).toBeVisible()
    await expectAccessibleState(page, 'code for a pod')
    await page.keyboard.press('Escape')
    await expect(page.getByRole('button', { name: 'View code' })).toBeFocused()
  })

  await test.step('deleted with all its versions', async () => {
    await page.getByRole('button', { name: 'Versions (3)' }).click()
    await page.getByRole('button', { name: 'Delete the preset' }).click()
    const sure = page.getByRole('alertdialog')
    await expect(sure).toContainText('All of its 3 versions are gone for good')
    await sure.getByRole('button', { name: 'Delete the preset' }).click()
    await expect(page).not.toHaveURL(/preset=own/)
    await expect(page.getByLabel('Preset', { exact: true }).locator(':checked')).toHaveText(
      'Competitive programming',
    )
  })
})

test('a model that says nothing is told of; a quota that is used up leads to a larger one', async ({
  browser,
}) => {
  test.setTimeout(150_000)
  const context = await browserOf(browser, 'ada')
  const path = await readyBinding(context, await browserOf(browser, 'grace'))
  const page = await context.newPage()

  await test.step('while no token comes, the page says for how long, and keeps what came', async () => {
    await page.goto('/playground')
    await ask(page, '#stall:20')
    await expect(page.getByText(/^No token for \d+ s\./)).toBeVisible()
    await expect(
      page.getByTestId('answer').or(page.getByTestId('reasoning')).first(),
    ).toContainText(/\w{3}/)
    await expectAccessibleState(page, 'a model that says nothing')
    await page.keyboard.press('Escape')
    await expect(page.getByText('Stopped', { exact: true })).toBeVisible()
  })

  await test.step('what is used up says when again, and the way to more is filled in', async () => {
    const { generation } = await bindingAt(context, path)
    const quota = { ...wish.quota, requestsPerMinute: 1 }
    expect((await send(context, 'PATCH', `/api${path}`, { generation, quota })).status()).toBe(200)
    await expect
      .poll(async () => (await bindingAt(context, path)).granted?.quota.requestsPerMinute)
      .toBe(1)
    await page.goto('/playground')
    const question = 'Find the remainder of 7^5 divided by 11.'
    const usedUp = page.getByText('The quota is used up').first()
    // What was asked within the last minute counts: the first may be one too many already, the second is.
    for (const expected of [page.getByTestId('boxed').or(usedUp).first(), usedUp]) {
      await newConversation(page)
      await ask(page, question)
      await expect(expected).toBeVisible()
    }
    await expectAccessibleState(page, 'a quota that is used up')
    // What was asked stays on the page, to be asked again.
    await expect(page.getByText(question).first()).toBeVisible()
    await page.getByRole('link', { name: 'Ask for a larger quota' }).click()
    await page.waitForURL('**/access/request?change=**')
    await expect(page.getByLabel('Requests per minute')).toHaveValue('1')
  })
  await send(context, 'DELETE', `/api${path}`)
})

import { expect } from '@playwright/test'
import type { Browser, Page } from 'puppeteer-core'
import { baseURL } from './support/address.ts'
import { readyBinding, wish } from './support/api.ts'
import { scriptRun, serving } from './support/faults.ts'
import {
  button,
  fillField,
  firefoxPage,
  labelled,
  launchFirefox,
  press,
} from './support/firefox.ts'
import { browserOf } from './support/people.ts'
import { programs } from './support/programs.ts'
import { test } from './support/test.ts'

let firefox: Browser
test.beforeAll(async () => {
  firefox = await launchFirefox()
})
test.afterAll(() => firefox?.close())

/** What a reader sees of the page; Playwright's expectations speak to Chromium alone. */
const shown = (page: Page) => () => page.evaluate(() => document.body.innerText)

test('in Firefox: access is asked for, approved beside it, and ready without a reload', async () => {
  const ada = await firefoxPage(firefox, 'ada')
  const grace = await firefoxPage(firefox, 'grace')
  await ada.page.goto(`${baseURL}/access/request`)
  await fillField(ada.page, labelled('Justification'), wish.justification)
  await fillField(ada.page, labelled('Alias'), `from-firefox-${Date.now().toString(36)}`)
  await press(ada.page, button('Send the request'))
  await expect.poll(shown(ada.page)).toContain('Pending approval')

  await grace.page.goto(ada.page.url())
  await expect.poll(shown(grace.page)).toMatch(/sha256:[0-9a-f]{64}/)
  await fillField(grace.page, labelled('Comment'), 'Go ahead.')
  await press(grace.page, button('Approve and run'))
  await expect.poll(shown(ada.page)).toContain('Call it')
  expect([await ada.faults(), await grace.faults()]).toEqual([[], []])
  await Promise.all([ada.context.close(), grace.context.close()])
})

test('in Firefox: a log that just does not fit is shown whole, and does not move by itself', async () => {
  const lines = 40
  const name = await scriptRun(
    `#!/bin/sh\nfor i in $(seq 0 ${lines - 1}); do echo "line $i ${'word '.repeat(20)}"; done\n`,
  )
  const { page, context, faults } = await firefoxPage(firefox, 'grace')
  await page.goto(`${baseURL}/runs/${serving}/${name}`)
  await expect.poll(shown(page)).toContain(`Ended · ${lines} lines`)
  for (const width of [1440, 771, 390]) {
    await page.setViewport({ width, height: 900 })
    await page.focus('[role=log]')
    await page.keyboard.press('g')
    await expect.poll(shown(page)).toContain('line 0 ')
    await page.keyboard.press('G')
    await expect.poll(shown(page)).toContain(`line ${lines - 1} `)
    const places = await page.$eval('[role=log]', async (log) => {
      const seen = new Set<number>()
      for (let frame = 0; frame < 20; frame++) {
        await new Promise((resolve) => requestAnimationFrame(resolve))
        if (frame >= 5) seen.add(log.scrollTop)
      }
      return seen.size
    })
    expect(places).toBe(1)
  }
  expect(await faults()).toEqual([])
  await context.close()
})

test('in Firefox: an answer streams, is typeset, is stopped, and its programs run in the box', async ({
  browser,
}) => {
  await readyBinding(await browserOf(browser, 'ada'), await browserOf(browser, 'grace'))
  const { page, context, faults } = await firefoxPage(firefox, 'ada')
  await page.goto(`${baseURL}/playground?preset=code`)
  const fences = `\`\`\`python\n${programs.adds}\n\`\`\`\n\n\`\`\`js\n${programs.counts}\n\`\`\``
  const prompt = '[data-testid=prompt]'
  await fillField(page, prompt, `#say\nThe roots are $x = \\pm\\sqrt{3}$.\n\n${fences}`)
  await press(page, button('Ask'))
  await expect.poll(shown(page)).toContain('Finished (stop)')
  await page.waitForSelector('[data-testid=answer] .katex .sqrt')

  for (const [words, input, output] of [
    ['aside', '20 22\nthe rest', 'sum 42'],
    ['lines.length', 'a\nb\nc\n', "lines 3 [ 1, { a: 'b' } ]"],
  ] as const) {
    const block = `//*[@data-testid="answer"]//*[@data-block][contains(., "${words}")]`
    const panel = `${block}/following-sibling::*[1][self::section]`
    await press(page, `::-p-xpath(${block}//button[normalize-space(.)="Run"])`)
    await fillField(page, `::-p-xpath(${panel}//textarea)`, input)
    await press(page, `::-p-xpath(${panel}//button[starts-with(normalize-space(.), "Run")])`)
    const told = () => page.$eval(`::-p-xpath(${panel})`, (element) => element.textContent)
    await expect.poll(told, { timeout: 120_000 }).toContain(output)
    await expect.poll(told).toContain('Done')
  }

  await fillField(page, prompt, '#loop')
  await press(page, button('Ask'))
  await expect.poll(shown(page)).toContain('Thinking')
  await page.focus(prompt)
  await page.keyboard.press('Escape')
  await expect.poll(shown(page)).not.toContain('Thinking')
  const conversation = page.url()
  await page.reload()
  await expect.poll(shown(page)).toContain('The roots are')
  expect(page.url()).toBe(conversation)
  expect(await faults()).toEqual([])
  await context.close()
})

import { expect, type Page } from '@playwright/test'
import { scriptRun, serving } from './support/faults.ts'
import { browserOf } from './support/people.ts'
import { test } from './support/test.ts'

/** So many lines that they fit on one row each, and no longer do when the wide ones wrap. */
const lineCounts = [20, 23, 26, 40]

test('logs that just fit, or just do not, are shown where scrollbars take room', async ({
  browser,
}) => {
  const page = await (await browserOf(browser, 'grace')).newPage()
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  const takesRoom = await page.evaluate(() => {
    const box = document.body.appendChild(document.createElement('div'))
    box.style.cssText = 'overflow-y: scroll; width: 100px'
    return box.offsetWidth - box.clientWidth
  })
  expect(takesRoom).toBeGreaterThan(0)

  for (const lines of lineCounts) {
    const name = await scriptRun(wideLines(lines))
    await page.goto(`/runs/${serving}/${name}`)
    await expect(page.getByText(new RegExp(`^Ended · ${lines} lines`))).toBeVisible()
    for (const width of [1440, 1100, 771, 390]) {
      await page.setViewportSize({ width, height: 900 })
      await expectWholeLog(page, lines)
    }
    // Without wrapping it is the other scrollbar that comes and goes.
    await page.getByRole('log').focus()
    await page.keyboard.press('w')
    for (const height of [900, 760]) {
      await page.setViewportSize({ width: 1100, height })
      await expectWholeLog(page, lines)
    }
    await page.keyboard.press('w')
  }
  expect(errors).toEqual([])
})

/** Its first line at its top, its last one at its end, and nothing moves by itself. */
async function expectWholeLog(page: Page, lines: number): Promise<void> {
  const log = page.getByRole('log', { name: 'Log' })
  for (const [key, line] of [
    ['g', 0],
    ['Shift+G', lines - 1],
  ] as const) {
    await log.focus()
    await page.keyboard.press(key)
    await expect(log.getByText(`line ${line} `)).toBeAttached()
    // Inside the log's own box, which may be larger than a phone's window.
    const isInside = () =>
      log.evaluate((box, shown) => {
        const row = [...box.querySelectorAll('[data-row]')].at(shown === 0 ? 0 : -1)
        const { top = 0, bottom = 0 } = row?.getBoundingClientRect() ?? {}
        const around = box.getBoundingClientRect()
        return shown === 0 ? top >= around.top : bottom > top && bottom <= around.bottom
      }, line)
    await expect.poll(isInside).toBe(true)
  }
  const tops = await log.evaluate(async (element) => {
    const seen: number[] = []
    for (let frame = 0; frame < 20; frame++) {
      await new Promise((resolve) => requestAnimationFrame(resolve))
      if (frame >= 5) seen.push(element.scrollTop)
    }
    return new Set(seen).size
  })
  expect(tops).toBe(1)
}

function wideLines(lines: number): string {
  return `#!/bin/sh
awk 'BEGIN { for (i = 0; i < ${lines}; i++) { printf "line %d ", i; if (i % 5 == 2) for (w = 0; w < 8 + i; w++) printf "word-%d ", w; print "" } }'
`
}

import { expect, type Page } from '@playwright/test'
import { expectAccessibleState } from './accessible.ts'

/** Watches a thought grow past the end of a projector's screen: it is followed, let go, and followed again. */
export async function growPastTheEnd(page: Page): Promise<void> {
  const size = page.viewportSize()
  await page.setViewportSize({ width: 1920, height: 1080 })
  const reasoning = page.getByTestId('reasoning')
  const follow = page.getByRole('button', { name: 'Follow the end' })
  const look = () =>
    reasoning.evaluate((one) => {
      const { bottom, height } = one.getBoundingClientRect()
      return { belowPx: bottom - innerHeight, heightPx: height, top: scrollY }
    })
  const grown = async (morePx: number) => {
    const { heightPx } = await look()
    await expect.poll(async () => (await look()).heightPx).toBeGreaterThan(heightPx + morePx)
  }
  // What has just been written is moved into sight with the next picture.
  const expectFollowed = () =>
    expect.poll(async () => (await look()).belowPx).toBeLessThanOrEqual(0)
  await expect(reasoning).toBeInViewport()
  await expect(follow).toBeHidden()
  await grown(1300)
  await expectFollowed()
  await expect(follow).toBeHidden()

  await page.mouse.move(600, 500)
  await page.mouse.wheel(0, -400)
  await expect(follow).toBeInViewport()
  // A wheel turns on for a while.
  await expect.poll(async () => (await look()).belowPx).toBeGreaterThan(200)
  const { top } = await look()
  await grown(200)
  expect((await look()).top).toBeLessThanOrEqual(top)
  await expectAccessibleState(page, 'a growing answer that is not followed')

  await follow.click()
  await expect(follow).toBeHidden()
  await grown(200)
  await expectFollowed()
  await page.keyboard.press('Home')
  // What is set on the way may move it by some lines.
  await expect.poll(async () => (await look()).top).toBeLessThan(300)
  await expect(follow).toBeInViewport()
  // The browser may still be on its way up, and take no other way until it is there.
  await expect(async () => {
    await page.keyboard.press('End')
    await expect(follow).toBeHidden({ timeout: 3_000 })
  }).toPass()
  await grown(200)
  await expectFollowed()
  if (size) await page.setViewportSize(size)
}

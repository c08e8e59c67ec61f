import { expect, type Page, type Response } from '@playwright/test'

const mostBytes = 200_000
/** Smaller ones are sent as they are. */
const compressedFrom = 2_000

/** The scripts that the page's document asks for are few, and compressed; what comes afterwards keeps nobody waiting. */
export async function expectQuickFirstLoad(page: Page, response: Response | null): Promise<void> {
  const document = (await response?.text()) ?? ''
  const loaded = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter((one): one is PerformanceResourceTiming => /\.js($|\?)/.test(one.name))
      .map(({ name, encodedBodySize, decodedBodySize }) => ({
        name,
        encodedBodySize,
        decodedBodySize,
      })),
  )
  const scripts = loaded.filter(({ name }) => document.includes(`src="${new URL(name).pathname}`))
  expect(scripts.length).toBeGreaterThan(3)
  for (const { name, encodedBodySize, decodedBodySize } of scripts) {
    if (decodedBodySize > compressedFrom)
      expect(encodedBodySize, name).toBeLessThan(decodedBodySize)
  }
  const bytes = scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
  expect(bytes, `first load of ${page.url()}, ${scripts.length} scripts`).toBeLessThan(mostBytes)
}

import type { Page } from '@playwright/test'

/** Everything that a screen reader is told from now on: what live regions come to hold, each change of theirs. */
export async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const heard: string[] = []
    Object.assign(window, { heard })
    const live = '[aria-live]:not([aria-live=off]), [role=status], [role=alert]'
    new MutationObserver((changes) => {
      const regions = new Set<Element>()
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement
        const region = element?.closest(live)
        if (region) regions.add(region)
      }
      for (const { textContent } of regions) if (textContent) heard.push(textContent)
    }).observe(document.body, { childList: true, characterData: true, subtree: true })
  })
  return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard)
}

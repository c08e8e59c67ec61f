import { test as base } from '@playwright/test'

/**
 * Playwright's own, but that no page outlives its test: one that is left open goes on following lists and answers, which
 * weighs on every test after it, and keeps answers watched that nobody looks at.
 */
export const test = base.extend<{ closing: undefined }>({
  closing: [
    async ({ browser }, use) => {
      await use(undefined)
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    { auto: true },
  ],
})

import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const places = [
  // Without windows it costs the processor half of what the whole browser does.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** A Chromium that can be run: the one that CHROMIUM names, a package of the system, or Playwright's own download. */
export function findChromium(): string | undefined {
  return [process.env.CHROMIUM, ...places, chromium.executablePath()].find(
    (path) => path && existsSync(path),
  )
}

export function chromiumPath(): string {
  const path = findChromium()
  if (!path) {
    throw new Error(
      'The browser tests need Chromium: install the package chromium-headless-shell or chromium, run npx playwright install chromium, or name one with CHROMIUM=/path.',
    )
  }
  return path
}

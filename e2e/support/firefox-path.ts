import { existsSync } from 'node:fs'

const places = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
]

/** A Firefox that can be run: the one that FIREFOX names, or a package of the system. */
export function findFirefox(): string | undefined {
  return [process.env.FIREFOX, ...places].find((path) => path && existsSync(path))
}

export function firefoxPath(): string {
  const path = findFirefox()
  if (!path) {
    throw new Error(
      'The browser tests need Firefox: install the package firefox-esr, or name one with FIREFOX=/path.',
    )
  }
  return path
}

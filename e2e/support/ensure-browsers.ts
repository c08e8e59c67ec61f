import { spawnSync } from 'node:child_process'
import { chromiumPath, findChromium } from './chromium.ts'
import { findFirefox, firefoxPath } from './firefox-path.ts'

/** Finds a Chromium and a Firefox, or installs them in the way that this machine allows; says what to do where none works. */
export function ensureBrowsers(): void {
  const packages = [
    ...(findChromium() ? [] : ['chromium-headless-shell', 'fonts-noto-core', 'fonts-noto-cjk']),
    ...(findFirefox() ? [] : ['firefox-esr']),
  ]
  if (packages.length > 0 && process.getuid?.() === 0) {
    run('apt-get', 'update', '-qq')
    run('apt-get', 'install', '-y', '-qq', ...packages)
  }
  if (!findChromium()) run('npx', 'playwright', 'install', 'chromium')
  chromiumPath()
  firefoxPath()
}

function run(command: string, ...args: string[]): void {
  console.log(`Installing what the browser tests need: ${command} ${args.join(' ')}`)
  spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

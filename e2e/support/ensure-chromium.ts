import { spawnSync } from 'node:child_process'
import { chromiumPath, findChromium } from './chromium.ts'

const shell = 'chromium-headless-shell'

/** Finds a Chromium, or installs one in the way that this machine allows; says what to do where neither works. */
export function ensureChromium(): void {
  if (findChromium()) return
  const asRoot = process.getuid?.() === 0
  const ways = [
    ...(asRoot
      ? [
          ['apt-get', 'update', '-qq'],
          ['apt-get', 'install', '-y', '-qq', shell, 'fonts-noto-core', 'fonts-noto-cjk'],
        ]
      : []),
    ['npx', 'playwright', 'install', 'chromium'],
  ]
  for (const [command = '', ...args] of ways) {
    if (findChromium()) break
    console.log(`Installing what the browser tests need: ${command} ${args.join(' ')}`)
    spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  chromiumPath()
}

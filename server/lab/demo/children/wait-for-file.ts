import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const lookEveryMs = 50
const patienceMs = 60_000

/** Resolves once the file is there: what writes it writes it last. */
export async function waitForFile(path: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + patienceMs
  while (!existsSync(path)) {
    if (performance.now() > until) throw new Error(`${path} did not appear.`)
    await delay(lookEveryMs, undefined, { signal })
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Layout } from './layout.ts'
import { sourceHash } from './source-hash.ts'

/** True where the last build was made of exactly these sources. */
export function isWebBuilt(layout: Layout): boolean {
  const stamp = join(layout.nextDir, 'bindery-source-hash')
  return (
    existsSync(join(layout.nextDir, 'BUILD_ID')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === sourceHash(layout.root)
  )
}

/** `next build`; what it says goes to a file, its end to whoever waits. */
export async function buildWeb(layout: Layout): Promise<void> {
  const hash = sourceHash(layout.root)
  const logFile = join(layout.logsDir, 'build.log')
  const log = createWriteStream(logFile)
  const build = spawn(
    process.execPath,
    [join(layout.root, 'node_modules/next/dist/bin/next'), 'build'],
    {
      cwd: layout.root,
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  build.stdout.pipe(log, { end: false })
  build.stderr.pipe(log, { end: false })
  const [code] = await once(build, 'close')
  log.end()
  if (code !== 0) throw new Error(`The web could not be built: ${logFile} says why.`)
  writeFileSync(join(layout.nextDir, 'bindery-source-hash'), hash)
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { ChildGuard } from '#server/lab/demo/children/kill-children-on-exit.ts'
import { acquireProcessLock, waitForProcessLock } from '#server/lab/demo/children/process-lock.ts'
import { signalGroup } from '#server/lab/demo/children/signal-group.ts'
import type { Layout } from '#server/lab/demo/layout.ts'
import type { Progress } from '#server/lab/demo/progress.ts'
import { sourceHash } from './source-hash.ts'

/**
 * Sees to it that the web is built of exactly these sources. All demos of a folder share it: where another process is
 * building, this one says so and waits, and then finds it made.
 */
export async function ensureWeb(
  layout: Layout,
  words: string,
  by: { progress: Progress; leash: ChildGuard; signal: AbortSignal },
): Promise<void> {
  // A build takes its stamp away first: where there is one, nobody is at it.
  if (isWebBuilt(layout)) return
  const { progress, leash, signal } = by
  const name = `build of ${realpathSync(layout.root)}`
  const letGo =
    (await acquireProcessLock(name)) ??
    (await progress.step('Waiting for the build that another process is at in this folder', () =>
      waitForProcessLock(name, signal),
    ))
  try {
    if (!isWebBuilt(layout)) await progress.step(words, () => buildWeb(layout, leash, signal))
  } finally {
    await letGo()
  }
}

function isWebBuilt(layout: Layout): boolean {
  const stamp = stampOf(layout)
  return (
    existsSync(join(layout.nextDir, 'BUILD_ID')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === sourceHash(layout.root)
  )
}

function stampOf(layout: Layout): string {
  return join(layout.nextDir, 'bindery-source-hash')
}

/** `next build`; what it says goes to a file, its end to whoever waits. Over with whoever asked for it. */
async function buildWeb(layout: Layout, leash: ChildGuard, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const hash = sourceHash(layout.root)
  const logFile = join(layout.logsDir, 'build.log')
  mkdirSync(dirname(logFile), { recursive: true })
  rmSync(stampOf(layout), { force: true })
  const log = createWriteStream(logFile)
  const build = spawn(
    process.execPath,
    [join(layout.root, 'node_modules/next/dist/bin/next'), 'build'],
    {
      cwd: layout.root,
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own group, which ends as a whole: it has workers.
      detached: true,
    },
  )
  const { pid } = build
  if (pid !== undefined) leash.hold(pid)
  const end = () => signalGroup(pid, 'SIGTERM')
  signal.addEventListener('abort', end, { once: true })
  build.stdout.pipe(log, { end: false })
  build.stderr.pipe(log, { end: false })
  const [code] = await once(build, 'close')
  signal.removeEventListener('abort', end)
  if (pid !== undefined) leash.letGo(pid)
  log.end()
  signal.throwIfAborted()
  if (code !== 0) throw new Error(`The web could not be built: ${logFile} says why.`)
  writeFileSync(stampOf(layout), hash)
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePort } from '#e2e/support/run-demo.ts'

const root = join(import.meta.dirname, '../..')

/** The demo engine as a process of its own, with as many slots as are asked for at once. */
export async function startEngine(
  tokensPerSecond: number,
  /** What a prompt takes to be read, as on a GPU. */
  firstTokenDelayMs = 0,
): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const engine = spawn(process.execPath, ['--import', 'tsx', 'server/lab/demo-engine/main.ts'], {
    cwd: root,
    env: {
      ...process.env,
      PORT: String(port),
      TOKENS_PER_SECOND: String(tokensPerSecond),
      FIRST_TOKEN_DELAY_MS: String(firstTokenDelayMs),
      MAX_NUM_SEQS: '256',
      SOLVER_THREADS: '1',
      SHUTDOWN_TIMEOUT_MS: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(engine.stdout, 'data')
  return { url: `http://127.0.0.1:${port}`, stop: () => end(engine) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  await closed
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const root = join(import.meta.dirname, '../..')
const startMsMax = 300_000

export type RunningDemo = {
  url: string
  pid: number
  stateDir: string
  /** From the command to the first 200 of /api/health. */
  startMs: number
  stop(): Promise<void>
}

/** Runs `npm run demo` as anybody does, on a free port and with a state of its own; stopped with all that it started. */
export async function runDemo(
  name: string,
  env: Record<string, string> = {},
  onLine: (line: string) => void = () => {},
): Promise<RunningDemo> {
  const port = await freePort()
  const state = `.bindery/${name}`
  const startedMs = performance.now()
  const demo = spawn(
    process.execPath,
    ['--import', 'tsx', 'server/lab/demo/main.ts', '--state', state],
    {
      cwd: root,
      env: { ...process.env, ...env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const said = follow(demo, onLine)
  const stop = async () => {
    if (demo.exitCode !== null || demo.signalCode !== null) return
    const closed = once(demo, 'close')
    demo.kill('SIGTERM')
    await closed
  }
  process.once('exit', () => demo.kill('SIGTERM'))
  const url = `http://localhost:${port}`
  while (!(await isHealthy(url))) {
    if (demo.exitCode !== null) throw new Error(`The demo did not start:\n${said.join('\n')}`)
    if (performance.now() - startedMs > startMsMax) {
      await stop()
      throw new Error(`The demo is not healthy after ${startMsMax / 1000} s:\n${said.join('\n')}`)
    }
    await setTimeout(20)
  }
  const startMs = performance.now() - startedMs
  return { url, pid: demo.pid ?? 0, stateDir: join(root, state), startMs, stop }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return address.port
}

function follow(demo: ChildProcess, onLine: (line: string) => void): string[] {
  const said: string[] = []
  for (const stream of [demo.stdout, demo.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n').filter((one) => one.trim())) {
        said.push(line)
        onLine(line.trimEnd())
      }
    })
  }
  return said
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/api/health`)).ok
  } catch {
    return false
  }
}

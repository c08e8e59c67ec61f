import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { createServer, type Server } from 'node:http'
import { Agent } from 'undici'
import { ModelBinding } from '#server/access/model/model-binding.ts'
import { auditSpool } from '#server/audit/audit-spool.ts'
import { dayUses } from '#server/gateway/admission/day-use.ts'
import { quotas } from '#server/gateway/admission/quota.ts'
import { describeEngines, type SeenEngines } from '#server/gateway/engines/describe-engines.ts'
import { engineKeys } from '#server/gateway/engines/engine-keys.ts'
import { engineLooks } from '#server/gateway/engines/engine-looks.ts'
import { grantsOf } from '#server/gateway/grants/check-grant.ts'
import { callerPods } from '#server/gateway/identity/caller-pods.ts'
import { identifier } from '#server/gateway/identity/identify-caller.ts'
import { tokenReviews } from '#server/gateway/identity/token-reviews.ts'
import type { GatewayMetrics } from '#server/gateway/usage/gateway-metrics.ts'
import { refusals } from '#server/gateway/usage/refusals.ts'
import { usageWriter } from '#server/gateway/usage/usage-writer.ts'
import { accessReviews } from '#server/platform/kube/access-reviews.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { sharedWatch } from '#server/platform/kube/watch/shared-watch.ts'
import type { Log } from '#server/platform/log.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { pause } from '#server/platform/time/backoff.ts'
import { traceServed } from '#server/platform/tracing/spans.ts'
import { type EngineRef, ModelService } from '#server/serving/model/model-service.ts'
import type { Store } from '#server/store.ts'
import { handleRequest, type Parts } from './handle-request.ts'

export type GatewayOptions = {
  host: string
  port: number
  kube: Kube
  /** Undefined while it is not open: answers do not wait for it. */
  store: () => Pick<Store, 'recordUsage' | 'tokensUsedSince' | 'appendAudit'> | undefined
  log: Log
  servingNamespace: string
  /** In the place of every engine. */
  inferenceUrl?: string
  /** Where the Secret with the engines' own keys is mounted, a file for each. */
  engineKeysDir?: string
  metrics: GatewayMetrics
  now?: () => Date
  /** How long an engine may be silent before or within an answer. */
  idleMs?: number
  /** How long an end waits for the store to take the last usage. */
  flushMs?: number
}

export type RunningGateway = {
  url: string
  /** Whether it knows who is bound, and takes requests. */
  ready(): boolean
  /** What stands behind each ring, for the operations port. */
  engines(): Promise<SeenEngines>
  /**
   * Says it is not ready, goes on serving for `lingerMs` while that gets about, takes nothing new, and lets what runs
   * finish for `drainMs`.
   */
  close(drainMs?: number, lingerMs?: number): Promise<void>
}

/** Longer than the longest answer of one GPU takes to its first byte. */
const idleMsDefault = 20 * 60_000
/** For callers to take in why their answer was cut off. */
const lastWordsMs = 2_000
const flushMsDefault = 5_000

/** Starts the only way to the engines; resolves when it listens, before it knows who is bound (see /readyz). */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { kube, store, log, servingNamespace, metrics, now = () => kube.now() } = options
  const ending = new AbortController()
  const stopping = new AbortController()
  const { signal } = ending
  // Every answer that runs listens to it.
  setMaxListeners(0, stopping.signal)
  const bindings = sharedWatch(kube, ModelBinding, { signal })
  const services = sharedWatch(kube, ModelService, { namespace: servingNamespace, signal })
  const pods = callerPods(kube, services, signal)
  const access = accessReviews(kube)
  const usage = usageWriter(store, log, signal)
  const spool = auditSpool({ store, log, signal, times: { delayMs: 0 } })
  const refused = refusals(spool, now, signal)
  const agent = new Agent({ connections: null, pipelining: 1, connect: { timeout: 5_000 } })
  const addressOf = (service: ModelService, engine: EngineRef) =>
    engineUrl(service, engine, options.inferenceUrl)
  const parts: Parts = {
    identify: identifier({ tokens: tokenReviews(kube, now), access, pods }),
    grants: grantsOf(bindings, services, now, signal, kube.onClockJump),
    quotas: quotas(now),
    dayUses: dayUses(store, log, now),
    usage: {
      ...usage,
      write(record, onWritten) {
        metrics.used(record)
        usage.write(record, onWritten)
      },
    },
    refusals: refused,
    agent,
    log,
    now,
    engineUrl: ({ service, engine }) => addressOf(service, engine),
    engineKey: engineKeys(options.engineKeysDir, log),
    engines: engineLooks(agent),
    idleMs: options.idleMs ?? idleMsDefault,
    stopping: stopping.signal,
  }

  const active = new Set<Promise<void>>()
  let draining = false
  const ready = () => !draining && bindings.isSynced() && pods.isSynced()
  const server = createServer(serverTimes, (request, response) => {
    if (draining) response.setHeader('connection', 'close')
    // Asked by our web, through the Service; the kubelet asks on the operations port.
    if (request.url === '/readyz') {
      return void response.writeHead(ready() ? 200 : 503).end(ready() ? 'ready\n' : 'not ready\n')
    }
    metrics.began(response)
    // An answer is over when its last byte is out, or its caller gone.
    const out = new Promise<void>((resolve) => response.once('close', resolve))
    const requestId = randomUUID()
    const span = { name: 'gateway request', requestId, headers: request.headers, response }
    const handled = traceServed(span, () => handleRequest(parts, request, response, requestId))
    const work = handled.then(() => out)
    active.add(work)
    void work.finally(() => {
      active.delete(work)
      // A connection that was kept alive by its last answer would hold the end up.
      if (draining) setImmediate(() => server.closeIdleConnections())
    })
  })
  server.keepAliveTimeout = 75_000
  try {
    await listen(server, options.port, options.host)
  } catch (error) {
    ending.abort()
    throw error
  }

  async function close(drainMs = 0, lingerMs = 0) {
    draining = true
    if (lingerMs > 0) await pause(lingerMs)
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    const cut = setTimeout(() => stopping.abort(stopped()), drainMs)
    const hurry = setTimeout(() => server.closeAllConnections(), drainMs + lastWordsMs)
    while (active.size > 0) await Promise.all(active)
    clearTimeout(cut)
    clearTimeout(hurry)
    server.closeAllConnections()
    await closed
    refused.settle()
    const giveUp = AbortSignal.timeout(options.flushMs ?? flushMsDefault)
    await Promise.all([usage.flush(giveUp), spool.flush(giveUp)])
    ending.abort()
    await agent.destroy()
  }
  const engines = () => describeEngines(services.list(), parts, addressOf, options.inferenceUrl)
  return { url: urlOf(server), ready, engines, close }
}

/** The whole request, headers and body, has to come in this time: slow writers hold nothing. */
const serverTimes = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
}

function stopped(): AppError {
  return new AppError('unavailable', 'The model gateway is being restarted.', {
    key: 'gateway_stopping',
    retryAfterSeconds: 1,
  })
}

function engineUrl(
  service: ModelService,
  engine: EngineRef,
  inferenceUrl: string | undefined,
): URL {
  if (inferenceUrl) return new URL(inferenceUrl.replace(/\/+(v1\/*)?$/, ''))
  return new URL(`http://${engine.service}.${service.metadata.namespace}.svc:${engine.port}`)
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function urlOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}

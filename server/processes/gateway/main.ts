import { startGateway } from '#server/gateway/proxy/serve-gateway.ts'
import { gatewayMetrics } from '#server/gateway/usage/gateway-metrics.ts'
import { config } from '#server/platform/config.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createLog } from '#server/platform/log.ts'
import { enginesPath } from '#server/platform/model/names.ts'
import { createMetricsRegistry, serveOperations } from '#server/platform/operations.ts'
import { startTracing } from '#server/platform/tracing/start-tracing.ts'
import { openWhenThere } from '#server/processes/open-when-there.ts'
import type { Store } from '#server/store.ts'

/** Until every proxy has heard that this pod takes nothing new. */
const lingerMs = 2_000

/** Runs until SIGTERM or SIGINT, then lets what runs finish; a second signal means now. */
export async function main(_argv: string[]): Promise<void> {
  const { HOST, PORT, OPERATIONS_PORT, LOG_LEVEL, SERVING_NAMESPACE, DATABASE_URL } = config()
  const { INFERENCE_URL, ENGINE_KEYS_DIR, DRAIN_SECONDS } = config()
  const log = createLog('gateway', LOG_LEVEL)
  const ending = new AbortController()
  const stopped = new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve)
  })

  const tracing = await startTracing('gateway', config())
  const kube = connectKube({ signal: ending.signal })
  let store: Store | undefined
  const opening = openWhenThere(DATABASE_URL, log, ending.signal, (open) => {
    store = open
  })
  const registry = createMetricsRegistry()
  const gateway = await startGateway({
    host: HOST,
    port: PORT,
    kube,
    store: () => store,
    log,
    servingNamespace: SERVING_NAMESPACE,
    inferenceUrl: INFERENCE_URL,
    engineKeysDir: ENGINE_KEYS_DIR,
    metrics: gatewayMetrics(registry),
  })
  const ready = async () => gateway.ready()
  const reports = { [enginesPath]: gateway.engines }
  const operations = { host: HOST, port: OPERATIONS_PORT, ready, registry, reports }
  await serveOperations(operations, ending.signal)
  log.info({ url: gateway.url, namespace: SERVING_NAMESPACE }, 'gateway started')

  await stopped
  log.info({}, 'taking nothing new, finishing what runs')
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => process.exit(1))
  await gateway.close(DRAIN_SECONDS * 1000, lingerMs)
  ending.abort()
  await opening
  await store?.close()
  await tracing.stop()
  log.info({}, 'gateway ended')
}

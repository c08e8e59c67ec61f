import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { controllerMetrics } from '#server/access/reconciler/controller-metrics.ts'
import { runController } from '#server/access/reconciler/run-controller.ts'
import { parseWebhooks } from '#server/notices/model/webhook.ts'
import { outboxMetrics } from '#server/notices/outbox-metrics.ts'
import { config } from '#server/platform/config.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { createLog } from '#server/platform/log.ts'
import { createMetricsRegistry, serveOperations } from '#server/platform/operations.ts'
import { startTracing } from '#server/platform/tracing/start-tracing.ts'
import { openWhenThere } from '#server/processes/open-when-there.ts'
import { archiveMetrics } from '#server/runs/log/archive/archive-metrics.ts'
import { archiveWhenThere } from '#server/runs/log/archive/archive-when-there.ts'
import { watchRedaction } from '#server/runs/log/redaction/redaction.ts'
import type { Store } from '#server/store.ts'

/** A database that is there is open by then; without one the controller goes on all the same. */
const storeMs = 3_000

/** Runs until SIGTERM or SIGINT; the lease is then given back, so that another takes over at once. */
export async function main(_argv: string[]): Promise<void> {
  const {
    HOST,
    OPERATIONS_PORT,
    LOG_LEVEL,
    POD_NAME,
    POD_NAMESPACE,
    SERVING_NAMESPACE,
    CLUSTER_DOMAIN,
    DATABASE_URL,
    WEBHOOKS,
    PUBLIC_URL,
    LOG_RETENTION_DAYS,
    LOG_ARCHIVE_RUN_MIB,
    RUN_RETENTION_DAYS,
    RUN_CLUSTER_DAYS,
    USAGE_RETENTION_DAYS,
  } = config()
  const log = createLog('controller', LOG_LEVEL)
  const ending = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      log.info({ signal: name }, 'ending')
      ending.abort()
    })
  }

  const tracing = await startTracing('controller', config())
  // Its own life: the lease is given back after the signal.
  const kube = connectKube()
  const ready = async () => {
    await kube.whoAmI()
    return !ending.signal.aborted
  }
  const registry = createMetricsRegistry()
  await serveOperations({ host: HOST, port: OPERATIONS_PORT, ready, registry }, ending.signal)
  // Its own life, too: the last records are written after the signal.
  const closing = new AbortController()
  let store: Store | undefined
  const opening = openWhenThere(DATABASE_URL, log, closing.signal, (open) => {
    store = open
  })
  log.info({ server: kube.server, namespace: SERVING_NAMESPACE }, 'controller started')
  outboxMetrics(registry, () => store?.outbox)
  const archive = archiveWhenThere(() => store)
  const limits = {
    runBytesMax: LOG_ARCHIVE_RUN_MIB * 2 ** 20,
    flushMs: 300,
    retentionMs: LOG_RETENTION_DAYS * 86_400_000,
  }
  const redaction = watchRedaction(kube, POD_NAMESPACE, log, ending.signal)
  redaction.catch(() => log.info({}, 'redaction rules not read before the end'))
  // A store that is there is opened first: only one that is away is told of as such.
  await Promise.race([opening, setTimeout(storeMs, undefined, { signal: ending.signal })]).catch(
    () => {},
  )
  await runController(
    {
      kube,
      log,
      // The API server's clock: ours may be wrong (see server/platform/kube/cluster-clock.ts).
      now: () => kube.now(),
      signal: ending.signal,
      servingNamespace: SERVING_NAMESPACE,
      clusterDomain: CLUSTER_DOMAIN,
    },
    {
      namespace: POD_NAMESPACE,
      identity: POD_NAME ?? `controller-${randomUUID()}`,
      metrics: controllerMetrics(registry),
      store: () => store,
      notices: { webhooks: parseWebhooks(WEBHOOKS), publicUrl: PUBLIC_URL },
      archive: { archive, limits, metrics: archiveMetrics(registry) },
      redaction,
      finishedRunsKeptMs: RUN_CLUSTER_DAYS * 86_400_000,
      retention: { usage: USAGE_RETENTION_DAYS, runs: RUN_RETENTION_DAYS },
    },
  )
  closing.abort()
  await opening
  await store?.close()
  await kube.close()
  await tracing.stop()
  log.info({}, 'controller ended')
}

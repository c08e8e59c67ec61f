import { randomUUID } from 'node:crypto'
import type { Config } from '#server/config.ts'
import { createGatewayClient } from '#server/inference/gateway-client.ts'
import { accessReviews } from '#server/kube/access.ts'
import type { Kube } from '#server/kube/kube.ts'
import { watchRbac } from '#server/kube/rbac-index.ts'
import type { Log } from '#server/log.ts'
import type { Store } from '#server/store/store.ts'
import { auditSpool } from '#server/usecases/audit/audit-spool.ts'
import type { LogHistory } from '#server/usecases/audit/with-history.ts'
import { createLiveLists } from '#server/usecases/live-lists.ts'
import { createGenerationHub, hubTimes } from '#server/usecases/playground/generation-hub.ts'
import { lokiHistory } from '#server/usecases/runs/loki-history.ts'
import { watchRedaction } from '#server/usecases/runs/redaction.ts'
import { createRunLogs } from '#server/usecases/runs/run-logs.ts'
import { contextOf, identityOf } from './context-of.ts'
import { createIdentityProvider } from './identity-provider.ts'
import { createOwnToken } from './own-token.ts'
import type { ProcessState } from './process-state.ts'
import { createReadiness } from './readiness.ts'
import { createSessions } from './session.ts'
import { streamPlaces } from './stream-places.ts'

/** Puts the parts of one web process together. Their watches begin here; `ended` releases everything. */
export async function createProcessState(parts: {
  config: Config
  log: Log
  kube: Kube
  store: Store
  draining: AbortSignal
  ended: AbortSignal
}): Promise<ProcessState> {
  const { config, log, kube, store, ended } = parts
  const provider = createIdentityProvider(config, log)
  const reviews = accessReviews(kube, {
    rbac: watchRbac(kube, log, ended),
    everyNamespace: config.REVIEW_EVERY_NAMESPACE,
    signal: ended,
  })
  const audit = auditSpool({ store: () => store, log, signal: ended, times: { delayMs: 0 } })
  const redaction = await watchRedaction(kube, config.POD_NAMESPACE, log, ended)
  const lists = createLiveLists({
    kube,
    redaction,
    log,
    servingNamespace: config.SERVING_NAMESPACE,
    mayOf: (person) => contextOf({ ...parts, reviews, audit, redaction }, person, ended).mayCached,
    onRightsChange: (listener) =>
      reviews.onChange((affects) => listener((person) => affects(identityOf(person))), ended),
    signal: ended,
  })
  const generations = await createGenerationHub(
    store,
    log,
    `${config.POD_NAME ?? config.HOSTNAME}/${randomUUID()}`,
    { ...hubTimes, unwatchedStopMs: config.UNWATCHED_STOP_SECONDS * 1000 },
    ended,
  )
  return {
    ...parts,
    reviews,
    audit,
    redaction,
    lists,
    generations,
    provider,
    sessions: createSessions({ config, provider, store: store.sessions, log, signal: ended }),
    gateway: createGatewayClient(config.GATEWAY_URL, createOwnToken(kube)),
    runLogs: createRunLogs({
      kube,
      runs: lists.watches.runs,
      archive: store.archive,
      history: historyOf(config),
      redaction,
      log,
      signal: ended,
    }),
    readiness: createReadiness(config, kube, store),
    takeStreamPlace: streamPlaces(config.STREAMS_PER_PERSON),
  }
}

function historyOf(config: Config): LogHistory | undefined {
  const { LOKI_URL: url, LOKI_TENANT: tenant, LOKI_TOKEN: token } = config
  const labels = {
    namespace: config.LOKI_NAMESPACE_LABEL,
    taskrun: config.LOKI_TASKRUN_LABEL,
    step: config.LOKI_STEP_LABEL,
  }
  return url ? lokiHistory({ url, tenant, token, labels }) : undefined
}

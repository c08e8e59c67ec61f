import { randomUUID } from 'node:crypto'
import { auditSpool } from '#server/audit/audit-spool.ts'
import { createIdentityProvider } from '#server/platform/auth/identity-provider.ts'
import { createOwnToken } from '#server/platform/auth/own-token.ts'
import { createSessions } from '#server/platform/auth/session.ts'
import type { Config } from '#server/platform/config.ts'
import { createStreamLimits } from '#server/platform/http/stream-limits.ts'
import { createGatewayClient } from '#server/platform/inference/gateway-client.ts'
import { accessReviews } from '#server/platform/kube/access-reviews.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import { watchRbac } from '#server/platform/kube/rbac-index.ts'
import type { Log } from '#server/platform/log.ts'
import {
  createGenerationRegistry,
  registryTimes,
} from '#server/playground/generations/generation-registry.ts'
import { createStorageLimit } from '#server/playground/generations/storage-limit.ts'
import { createRunLogs } from '#server/runs/log/follow/run-logs.ts'
import { lokiHistory } from '#server/runs/log/loki/loki-history.ts'
import type { LogHistory } from '#server/runs/log/loki/with-history.ts'
import { watchRedaction } from '#server/runs/log/redaction/redaction.ts'
import { createLogSearches } from '#server/runs/log/search/log-searches.ts'
import type { Store } from '#server/store.ts'
import { contextOf, identityOf } from './context-of.ts'
import { createLiveLists } from './lists/live-lists.ts'
import type { ProcessState } from './process-state.ts'
import { createReadiness } from './readiness.ts'

/** Each holds a page of rows while its reader is slow: some megabytes. */
const downloadsPerPerson = 8
const downloadsMax = 64

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
  const generations = await createGenerationRegistry(
    store,
    log,
    `${config.POD_NAME ?? config.HOSTNAME}/${randomUUID()}`,
    { ...registryTimes, unwatchedStopMs: config.UNWATCHED_STOP_SECONDS * 1000 },
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
    storage: createStorageLimit(store, config.STORED_MIB_PER_PERSON),
    readiness: createReadiness(config, kube, store),
    acquireStream: createStreamLimits({
      perPerson: config.STREAMS_PER_PERSON,
      inAll: config.STREAMS_MAX,
      keys: { tooMany: 'tooManyStreams', full: 'streamsFull' },
    }),
    acquireDownload: createStreamLimits({
      perPerson: downloadsPerPerson,
      inAll: downloadsMax,
      keys: { tooMany: 'tooManyDownloads', full: 'downloadsFull' },
    }),
    logSearches: createLogSearches(),
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

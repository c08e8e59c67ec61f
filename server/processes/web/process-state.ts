import type { AuditSpool } from '#server/audit/audit-spool.ts'
import type { IdentityProvider } from '#server/platform/auth/identity-provider.ts'
import type { Sessions } from '#server/platform/auth/session.ts'
import type { Config } from '#server/platform/config.ts'
import type { AcquireStream } from '#server/platform/http/stream-limits.ts'
import type { GatewayClient } from '#server/platform/inference/gateway-client.ts'
import type { AccessReviews } from '#server/platform/kube/access-reviews.ts'
import type { Kube } from '#server/platform/kube/kube.ts'
import type { Log } from '#server/platform/log.ts'
import type { GenerationRegistry } from '#server/playground/generations/generation-registry.ts'
import type { StorageLimit } from '#server/playground/generations/storage-limit.ts'
import type { RunLogs } from '#server/runs/log/follow/run-logs.ts'
import type { Redaction } from '#server/runs/log/redaction/redaction.ts'
import type { LogSearches } from '#server/runs/log/search/log-searches.ts'
import type { Store } from '#server/store.ts'
import type { LiveLists } from './lists/live-lists.ts'
import type { Readiness } from './readiness.ts'

/** What one web process holds once, whichever copy of a module asks. */
export type ProcessState = {
  config: Config
  log: Log
  kube: Kube
  store: Store
  reviews: AccessReviews
  sessions: Sessions
  /** Undefined where no OIDC_ISSUER is set. */
  provider: IdentityProvider | undefined
  gateway: GatewayClient
  lists: LiveLists
  runLogs: RunLogs
  redaction: Redaction
  generations: GenerationRegistry
  storage: StorageLimit
  readiness: Readiness
  audit: AuditSpool
  acquireStream: AcquireStream
  /** Of a log, the audit trail or a conversation as a file. */
  acquireDownload: AcquireStream
  logSearches: LogSearches
  /** Aborts when the process has been told to end: nothing new begins, streams say goodbye. */
  draining: AbortSignal
  /** Aborts when the process is over. */
  ended: AbortSignal
}

const slot: unique symbol = Symbol.for('bindery')

type Holder = typeof globalThis & { [slot]?: ProcessState }

/** Set by the web's main before it listens. Next bundles its own copies of our modules; they all meet here. */
export function setProcessState(state: ProcessState | undefined): void {
  const holder: Holder = globalThis
  holder[slot] = state
}

export function processState(): ProcessState {
  const holder: Holder = globalThis
  const state = holder[slot]
  if (!state) throw new Error('The page was served by something else than `bindery web`.')
  return state
}

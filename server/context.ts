import type { AuditEvent } from '#server/audit/model/audit-record.ts'
import type { AccessQuestion, Kube } from '#server/platform/kube/kube.ts'
import type { Log } from '#server/platform/log.ts'
import type { Actor } from '#server/platform/model/actor.ts'
import type { Redaction } from '#server/runs/log/redaction/redaction.ts'
import type { Store } from './store.ts'

export type Access = Pick<AccessQuestion, 'verb' | 'namespace' | 'name' | 'subresource'> & {
  /** `modelbindings.bindery.dev`, `taskruns.tekton.dev`: plural and group. */
  resource: string
}

/**
 * All that a use case stands on. `authorize` throws `forbidden` unless RBAC lets the actor; `may` asks the same
 * without throwing. A system actor passes: its rights are those of its ServiceAccount.
 */
export type Context = {
  actor: Actor
  kube: Kube
  store: Store
  log: Log
  now(): Date
  signal: AbortSignal
  /** The number of the request that this is done for; undefined for what a process does by itself. */
  requestId?: string
  servingNamespace: string
  /** What of runs and Tasks reaches a browser or a record goes through it. */
  redaction: Redaction
  /** Tells the audit trail. Never waits and never fails: what cannot be written now is written later. */
  note(events: AuditEvent[]): void
  authorize(access: Access): Promise<void>
  may(access: Access): Promise<boolean>
  /** For lists over many namespaces, never before something is done: see `kube/access-reviews.ts`. */
  mayCached(access: Access): Promise<boolean>
}

import type { ClusterClient } from '#server/lab/cluster/client.ts'
import type { Registry } from './registry.ts'
import type { Store } from './store/store.ts'

/** What every operation works on. */
export type Api = {
  store: Store
  registry: Registry
  /** How admission and validation read the cluster. */
  client: ClusterClient
  now(): Date
  /** Hears of what should not happen. */
  warn?(message: string): void
}

/** RFC 3339 in whole seconds, as metadata has it. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

import type { Api } from '#server/lab/cluster/api/api.ts'

/** `--event-ttl` of an API server. */
const defaultTtlMs = 3_600_000

/** Removes Events that were last written longer ago than their time to live, as etcd's leases do. */
export function startEventExpiry(
  { store, now }: Api,
  signal: AbortSignal,
  ttlMs = defaultTtlMs,
): void {
  const sweep = () => {
    const before = now().getTime() - ttlMs
    for (const { metadata, lastTimestamp, eventTime, series } of store.list('events')) {
      const last = series?.lastObservedTime ?? lastTimestamp ?? eventTime
      const writtenMs = Date.parse(last ?? metadata.creationTimestamp)
      if (writtenMs <= before) store.remove('events', metadata.namespace, metadata.name)
    }
  }
  const timer = setInterval(sweep, Math.min(ttlMs / 2, 60_000)).unref()
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}

import { LRUCache } from 'lru-cache'
import type { Log } from '#server/platform/log.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { providerAway } from './provider-failure.ts'
import type { SessionStore, StoredSession } from './session-store.ts'

export type Renewal = { startedMs: number; done: Promise<void> }

export type RenewalParts = {
  store: Pick<SessionStore, 'claimRenewal' | 'releaseRenewal'>
  /** Asks the provider, and writes its answer; rejects with `unavailable` where it has none. */
  renew: (session: StoredSession, sealed: string) => Promise<void>
  isProviderAway: () => boolean
  reread: (id: string) => Promise<void>
  current: (id: string) => StoredSession | undefined
  /** Resolves when this session has been read again together with others. */
  nextRead: (id: string) => Promise<void>
  log: Log
  signal: AbortSignal
}

export type SessionRenewals = {
  /** The renewal that runs for this session; undefined where none can begin now. */
  start(session: StoredSession): Renewal | undefined
  /** Why the last renewal of this session failed. */
  failureOf(id: string): AppError | undefined
  settled(): Promise<void>
}

/** Longer than the provider has for its answer. */
export const leaseSeconds = 75
/** After a failure the provider is not asked for this session so long, by any process. */
const pauseSeconds = 5
/** Of one process at the provider at once; each may wait as long as the provider has. */
const renewalsMax = 64
const failuresKept = { max: 10_000, ttl: 10 * 60_000 }

/** Renews sessions in the background: each once at a time over all processes, by a lease in the store. */
export function createSessionRenewals(parts: RenewalParts): SessionRenewals {
  const { store, renew, isProviderAway, reread, current, nextRead, log, signal } = parts
  const running = new Map<string, Renewal>()
  const failures = new LRUCache<string, AppError>(failuresKept)
  let asking = 0

  async function run(session: StoredSession): Promise<void> {
    const { id } = session
    try {
      const sealed = session.leasedForMs ? undefined : await store.claimRenewal(id, leaseSeconds)
      if (sealed === undefined) return await anotherRenews(id)
      asking += 1
      try {
        await renew(session, sealed)
        failures.delete(id)
      } catch (error) {
        await store.releaseRenewal(id, pauseSeconds)
        throw error
      } finally {
        asking -= 1
      }
      await reread(id)
    } catch (error) {
      log.warn({ err: error, user: session.user }, 'session renewal failed')
      failures.set(id, error instanceof AppError ? error : providerAway(error))
    }
  }

  /** Its lease is read with the sessions that are watched, so that waiting for it costs no query of its own. */
  async function anotherRenews(id: string): Promise<void> {
    await reread(id)
    while (!signal.aborted) {
      const now = current(id)
      if (!now?.leasedForMs || now.end || !now.fresh || now.fresh.renewInMs > 0) return
      await nextRead(id)
    }
  }

  return {
    start(session) {
      const there = running.get(session.id)
      if (there) return there
      if (signal.aborted || isProviderAway() || asking >= renewalsMax) return undefined
      const done = run(session).finally(() => running.delete(session.id))
      const renewal = { startedMs: performance.now(), done }
      running.set(session.id, renewal)
      return renewal
    },

    failureOf: (id) => failures.get(id),

    async settled() {
      await Promise.all([...running.values()].map(({ done }) => done))
    },
  }
}

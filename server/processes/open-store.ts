import pg from 'pg'
import { auditStore } from '#server/audit/audit-store.ts'
import { outboxStore } from '#server/notices/outbox-store.ts'
import { sessionStore } from '#server/platform/auth/session-store.ts'
import type { Log } from '#server/platform/log.ts'
import { migrate } from '#server/platform/postgres/migrate.ts'
import { retentionStore } from '#server/platform/postgres/table-retention.ts'
import { translated, translateFailure } from '#server/platform/postgres/translate-failure.ts'
import { pause } from '#server/platform/time/backoff.ts'
import { conversationStore } from '#server/playground/store/conversation-store.ts'
import { generationStore } from '#server/playground/store/generation-store.ts'
import { presetStore } from '#server/playground/store/preset-store.ts'
import { runArchiveStore } from '#server/runs/log/archive/run-archive-store.ts'
import type { Store } from '#server/store.ts'
import { usageStore } from '#server/usage/usage-store.ts'

/**
 * Opens the store and brings its schema up to date. Waits while the database is still starting; fails with
 * `unavailable` when it has not answered after `connectWithinMs`. The signal closes it.
 */
export async function openStore(
  url: string,
  options: { signal: AbortSignal; log?: Log; connectWithinMs?: number },
): Promise<Store> {
  const { signal, log, connectWithinMs = 30_000 } = options
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 30_000,
    keepAlive: true,
    application_name: 'bindery',
  })
  // An idle connection that breaks is the pool's to replace; unheard, its error would end the process.
  pool.on('error', (error) => log?.warn({ err: error }, 'a database connection was lost'))

  try {
    const { applied } = await migrateOnceReachable(pool, signal, connectWithinMs)
    if (applied.length > 0) log?.info({ applied }, 'the database schema was brought up to date')
  } catch (error) {
    await pool.end().catch(() => {})
    throw translateFailure(error)
  }

  const closing = new AbortController()
  let ended: Promise<void> | undefined
  const close = () => {
    closing.abort()
    ended ??= pool.end().catch(() => {})
    return ended
  }
  if (signal.aborted) await close()
  signal.addEventListener('abort', () => void close(), { once: true })

  return {
    ...usageStore(pool),
    ...auditStore(pool),
    ...conversationStore(pool),
    ...generationStore(pool, url, closing.signal, log),
    ...presetStore(pool),
    archive: runArchiveStore(pool),
    outbox: outboxStore(pool),
    sessions: sessionStore(pool),
    retention: retentionStore(pool),
    ping: () => translated(async () => void (await pool.query('select 1'))),
    close,
  }
}

async function migrateOnceReachable(pool: pg.Pool, signal: AbortSignal, withinMs: number) {
  const deadline = performance.now() + withinMs
  while (true) {
    try {
      const client = await pool.connect()
      try {
        return await migrate(client)
      } finally {
        client.release()
      }
    } catch (error) {
      const waiting = translateFailure(error).code === 'unavailable'
      if (!waiting || signal.aborted || performance.now() > deadline) throw error
      await pause(200)
    }
  }
}

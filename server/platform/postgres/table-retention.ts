import type pg from 'pg'
import { translated } from './translate-failure.ts'

export type RetentionDays = { usage: number; runs: number }

/** Longer than a notice may be old that is still enqueued: what was removed does not come back. */
export const noticesKeptDays = 60
const sessionsKeptDays = 7

/** A table, and why it does not grow for ever: rows that are removed by age, or what else bounds it. */
type Rule =
  | { key: string; after: (days: RetentionDays) => number; where: string }
  | { boundedBy: string }

/** Every table that is ours; a test compares the names with the schema. In `where` $1 is the time before which rows go. */
export const tableRetention: Record<string, Rule> = {
  usage: { key: 'id', after: ({ usage }) => usage, where: 'at < $1' },
  run_records: { key: 'uid', after: ({ runs }) => runs, where: 'gone_at < $1' },
  // By the time of what happened: what is older is not enqueued again (see outbox-store.ts).
  outbox: {
    key: 'id',
    after: () => noticesKeptDays,
    where: "(notice ->> 'at')::timestamptz < $1",
  },
  sessions: { key: 'id', after: () => sessionsKeptDays, where: 'ends_at < $1' },
  run_logs: { boundedBy: 'rows go with their run record' },
  run_log_chunks: { boundedBy: 'removed after LOG_RETENTION_DAYS, and with their run record' },
  audit: { boundedBy: 'kept whole: a chain that may not be cut; some records a decision' },
  audit_head: { boundedBy: 'one row' },
  audit_checks: { boundedBy: 'one row' },
  webhooks: { boundedBy: 'one row for each name that was ever configured' },
  conversations: { boundedBy: 'storage of a person is limited; they delete what they do not need' },
  questions: { boundedBy: 'counted into the storage of a person; go with their conversation' },
  generations: { boundedBy: 'counted into the storage of a person; go with their conversation' },
  generation_events: { boundedBy: 'go with their generation; laid together when it has ended' },
  presets: { boundedBy: 'at most 100 for each person' },
  preset_versions: { boundedBy: 'at most 100 for each preset' },
  schema_migrations: { boundedBy: 'one row for each migration' },
}

export type RetentionStore = {
  /** Removes what is older than its table keeps it; answers how many rows that were, for each table that lost some. */
  removeExpired(
    days: RetentionDays,
    now: Date,
    signal: AbortSignal,
  ): Promise<Record<string, number>>
}

/** So many in one statement: none holds locks for long, and each is done well within the statement timeout. */
const rowsAtOnce = 2_000

export function retentionStore(pool: pg.Pool): RetentionStore {
  return {
    removeExpired: (days, now, signal) =>
      translated(async () => {
        const removed: Record<string, number> = {}
        for (const [table, rule] of Object.entries(tableRetention)) {
          if (!('where' in rule)) continue
          const before = new Date(now.getTime() - rule.after(days) * 86_400_000)
          let some = rowsAtOnce
          while (some === rowsAtOnce && !signal.aborted) {
            const { rowCount } = await pool.query(
              `delete from ${table} where ${rule.key} in (
                 select ${rule.key} from ${table} where ${rule.where} limit ${rowsAtOnce}
                 for update skip locked)`,
              [before],
            )
            some = rowCount ?? 0
            if (some > 0) removed[table] = (removed[table] ?? 0) + some
          }
        }
        return removed
      }),
  }
}

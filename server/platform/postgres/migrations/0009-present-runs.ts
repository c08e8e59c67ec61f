import type { Migration } from './migration.ts'

/** Those that the cluster still has are few among all that are remembered. */
export const presentRuns: Migration = {
  id: 9,
  name: 'present-runs',
  sql: `create index run_records_present on run_records (namespace) where gone_at is null;`,
}

import type { Migration } from './migration.ts'

/** What is removed by age is found by age. */
export const retention: Migration = {
  id: 12,
  name: 'retention',
  sql: `
    create index usage_by_age on usage using brin (at);
    create index run_records_by_age on run_records (gone_at) where gone_at is not null;
  `,
}

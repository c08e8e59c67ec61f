import type { Migration } from './migration.ts'

/** What two windows wish for at the same moment is brought into being once. */
export const wishes: Migration = {
  id: 10,
  name: 'wishes',
  sql: `
    alter table generations add column wish text;
    create unique index generations_by_wish on generations (wish);
  `,
}

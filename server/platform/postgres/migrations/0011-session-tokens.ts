import type { Migration } from './migration.ts'

/** The cookie holds a random token and no longer a sealed id; of the token the database has the hash alone. */
export const sessionTokens: Migration = {
  id: 11,
  name: 'session-tokens',
  sql: `
    -- SHA-256 in base64url; null for sessions of cookies that earlier releases sealed.
    alter table sessions add column token_hash text;
    create unique index sessions_by_token on sessions (token_hash);
  `,
}

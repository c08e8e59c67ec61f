import type { Migration } from './migration.ts'

export const sessions: Migration = {
  id: 7,
  name: 'sessions',
  sql: `
    create table sessions (
      id text primary key,
      person text not null,
      display_name text not null,
      groups jsonb not null,
      -- As the provider knows them; null where nobody but us vouches for the person.
      subject text,
      provider_session text,
      -- The provider's tokens, sealed by the web.
      sealed text,
      -- Until then the provider vouches for name and groups.
      fresh_until timestamptz,
      renew_from timestamptz,
      renewing_until timestamptz,
      created_at timestamptz not null default now(),
      ends_at timestamptz not null,
      ended_at timestamptz,
      end_reason text
    );
    create index sessions_by_person on sessions (person);
    create index sessions_by_subject on sessions (subject);
    create index sessions_by_end on sessions (ends_at);`,
}

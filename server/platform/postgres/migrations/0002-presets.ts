import type { Migration } from './migration.ts'

export const presets: Migration = {
  id: 2,
  name: 'presets',
  sql: `
    create table presets (
      id text primary key,
      owner text not null,
      created_at timestamptz not null default now()
    );
    create index presets_by_owner on presets (owner);

    create table preset_versions (
      preset_id text not null references presets (id) on delete cascade,
      version integer not null,
      title text not null,
      description text not null,
      system_prompt text not null,
      sampling jsonb not null,
      restored integer,
      created_at timestamptz not null default now(),
      primary key (preset_id, version)
    );`,
}

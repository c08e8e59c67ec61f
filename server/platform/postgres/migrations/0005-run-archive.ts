import type { Migration } from './migration.ts'

export const runArchive: Migration = {
  id: 5,
  name: 'run-archive',
  sql: `
    create table run_records (
      uid text primary key,
      namespace text not null,
      name text not null,
      task text not null,
      binding text,
      started_by text,
      state text not null,
      created_at timestamptz not null,
      finished_at timestamptz,
      gone_at timestamptz,
      run jsonb not null
    );
    create index run_records_by_name on run_records (namespace, name, created_at desc);
    create index run_records_gone on run_records (namespace, created_at desc)
      where gone_at is not null;

    create table run_logs (
      run_uid text not null references run_records (uid) on delete cascade,
      part text not null,
      last_row integer not null check (last_row >= 0),
      bytes bigint not null,
      position jsonb,
      complete boolean not null,
      written_at timestamptz not null default now(),
      expired boolean not null default false,
      primary key (run_uid, part)
    );
    create index run_logs_by_age on run_logs (written_at) where not expired;

    create table run_log_chunks (
      run_uid text not null,
      part text not null,
      first_row integer not null check (first_row >= 1),
      last_row integer not null check (last_row >= first_row),
      bytes integer not null,
      data bytea not null,
      primary key (run_uid, part, first_row),
      foreign key (run_uid, part) references run_logs on delete cascade
    );
    -- Compressed before it comes here.
    alter table run_log_chunks alter column data set storage external;
  `,
}

import type { Migration } from './migration.ts'

export const usageAndGenerations: Migration = {
  id: 1,
  name: 'usage-and-generations',
  sql: `
    create table usage (
      id bigserial primary key,
      namespace text not null,
      binding text not null,
      caller text not null,
      route text not null,
      ring text not null,
      status integer not null,
      prompt_tokens integer not null check (prompt_tokens >= 0),
      completion_tokens integer not null check (completion_tokens >= 0),
      ttft_ms double precision,
      duration_ms double precision not null,
      at timestamptz not null
    );
    create index usage_by_binding on usage (namespace, binding, at)
      include (prompt_tokens, completion_tokens);

    create table generations (
      id text primary key,
      owner text not null,
      state text not null
        check (state in ('queued', 'running', 'done', 'stopped', 'failed', 'interrupted')),
      request jsonb not null,
      holder text not null,
      stop_requested boolean not null default false,
      created_at timestamptz not null default now(),
      heartbeat_at timestamptz not null default now(),
      state_at timestamptz not null default now()
    );
    create index generations_by_owner on generations (owner, created_at desc);
    create index generations_alive on generations (heartbeat_at)
      where state in ('queued', 'running');

    create table generation_events (
      generation_id text not null references generations (id) on delete cascade,
      first_seq integer not null check (first_seq >= 1),
      last_seq integer not null check (last_seq >= first_seq),
      events jsonb not null,
      primary key (generation_id, first_seq)
    );
  `,
}

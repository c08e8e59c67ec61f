import type { Migration } from './migration.ts'

export const outbox: Migration = {
  id: 6,
  name: 'outbox',
  sql: `
    -- Since when a place is told: what happened before that is not news to it.
    create table webhooks (
      name text primary key,
      since timestamptz not null default now()
    );
    create table outbox (
      id uuid primary key default gen_random_uuid(),
      webhook text not null,
      key text not null,
      notice jsonb not null,
      state text not null default 'pending' check (state in ('pending', 'sent', 'dead')),
      attempts integer not null default 0,
      next_at timestamptz not null default now(),
      error text,
      created_at timestamptz not null default now(),
      done_at timestamptz,
      unique (webhook, key)
    );
    create index outbox_due on outbox (next_at) where state = 'pending';
    create index outbox_by_webhook on outbox (webhook, created_at desc);
  `,
}

import type { Migration } from './migration.ts'

/**
 * What is searched by is generated from what is hashed, so that neither can be changed without the other. The single row
 * of `audit_head` is what writers queue at, and shows when the end of the chain was cut off.
 */
export const audit: Migration = {
  id: 4,
  name: 'audit',
  sql: `
    create table audit (
      seq bigint primary key check (seq >= 1),
      previous text not null,
      hash text not null,
      content jsonb not null,
      key text not null generated always as (content ->> 'key') stored unique,
      at text not null generated always as (content ->> 'at') stored,
      what text not null generated always as (content ->> 'what') stored,
      who text not null generated always as (content ->> 'who') stored,
      namespace text generated always as (content #>> '{binding,namespace}') stored,
      binding text generated always as (content #>> '{binding,name}') stored,
      words text not null generated always as (lower(
        coalesce(content ->> 'who', '') || ' ' || coalesce(content ->> 'what', '') || ' ' ||
        coalesce(content ->> 'why', '') || ' ' || coalesce(content ->> 'digest', '') || ' ' ||
        coalesce(content ->> 'requestId', '') || ' ' || coalesce(content ->> 'source', '') || ' ' ||
        coalesce(content ->> 'on', '') || ' ' || coalesce(content ->> 'binding', '') || ' ' ||
        coalesce(content ->> 'details', ''))) stored
    );
    create index audit_by_binding on audit (namespace, binding, seq desc);
    create index audit_by_who on audit (who, seq desc);
    create index audit_by_what on audit (what, seq desc);
    create index audit_by_at on audit (at);

    create table audit_head (
      one boolean primary key default true check (one),
      seq bigint not null,
      hash text not null
    );
    insert into audit_head (seq, hash) values (0, repeat('0', 64));

    create function audit_refuse() returns trigger language plpgsql as $$
    begin
      raise exception 'the audit trail is append-only' using errcode = 'insufficient_privilege';
    end $$;
    create function audit_head_grows() returns trigger language plpgsql as $$
    begin
      if new.seq > old.seq then return new; end if;
      raise exception 'the audit trail is append-only' using errcode = 'insufficient_privilege';
    end $$;
    create trigger audit_append_only before update or delete or truncate on audit
      for each statement execute function audit_refuse();
    create trigger audit_head_stays before insert or delete or truncate on audit_head
      for each statement execute function audit_refuse();
    create trigger audit_head_grows before update on audit_head
      for each row execute function audit_head_grows();

    -- What the last verification of the whole chain found: not part of what is verified.
    create table audit_checks (
      one boolean primary key default true check (one),
      seq bigint not null,
      at timestamptz not null,
      broken jsonb
    );
  `,
}

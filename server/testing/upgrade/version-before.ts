import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { migrations } from '#server/platform/postgres/migrations/migrations.ts'
import { databaseUrl } from '#server/testing/database-url.ts'

/** See README.md. Its bindings are judged on its day, for they end. */
export const versionBefore = {
  now: new Date('2026-12-01T10:00:00Z'),
  lastMigration: 10,
  manifests: join(import.meta.dirname, 'before'),
}

export function objectsBefore(): KubeObject[] {
  return linesOf('objects.jsonl').map((line) => JSON.parse(line))
}

/** A database as the version before left it. */
export async function databaseBefore(): Promise<string> {
  const url = await databaseUrl()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query(`create table schema_migrations (
    id integer primary key, name text not null, applied_at timestamptz not null default now())`)
  for (const { id, name, sql } of migrations) {
    if (id > versionBefore.lastMigration) break
    await client.query(sql)
    await client.query('insert into schema_migrations (id, name) values ($1, $2)', [id, name])
  }
  // As a restore does it: triggers that guard the trail are not asked, and the empty head that a migration put in goes.
  await client.query('set session_replication_role = replica; delete from audit_head')
  for (const line of linesOf('rows.jsonl')) {
    const { table, row } = JSON.parse(line)
    const columns = await columnsOf(client, table)
    await client.query(
      `insert into ${table} (${columns}) overriding system value
        select ${columns} from json_populate_record(null::${table}, $1)`,
      [JSON.stringify(row)],
    )
  }
  await client.query(`do $$ declare c record; begin
    for c in select table_name, column_name from information_schema.columns 
      where is_identity = 'YES' or column_default like 'nextval(%' loop
      execute format('select setval(pg_get_serial_sequence(%L, %L), max(%I) + 1) from %I',
        c.table_name, c.column_name, c.column_name, c.table_name);
    end loop; end $$`)
  return url
}

function linesOf(name: string): string[] {
  return readFileSync(join(versionBefore.manifests, name), 'utf8').trim().split('\n')
}

/** Those that are not computed from others. */
async function columnsOf(client: pg.Client, table: string): Promise<string> {
  const { rows } = await client.query<{ names: string }>(
    `select string_agg(quote_ident(column_name), ', ') as names from information_schema.columns
      where table_name = $1 and is_generated = 'NEVER'`,
    [table],
  )
  return rows[0]?.names ?? ''
}

import type { ClientBase } from 'pg'
import { migrations } from './migrations/migrations.ts'

/** Any number that no other program in the database uses for its advisory locks. */
const lockKey = 7_264_351_902

/**
 * Brings the schema up to date, in one transaction under an advisory lock: of several processes that start at once one
 * does it and the others find it done. A schema newer than this code is left alone, so that versions can roll.
 */
export async function migrate(client: ClientBase): Promise<{ applied: string[] }> {
  const applied: string[] = []
  await client.query('begin')
  try {
    // Whoever waits for another's long migration waits as long as it takes.
    await client.query('set local statement_timeout = 0')
    await client.query('select pg_advisory_xact_lock($1)', [lockKey])
    await client.query(`create table if not exists schema_migrations (
      id integer primary key, name text not null, applied_at timestamptz not null default now())`)
    const { rows } = await client.query<{ id: number; name: string }>(
      'select id, name from schema_migrations',
    )
    const known = new Map(rows.map((row) => [row.id, row.name]))
    for (const migration of migrations) {
      const { id, name } = migration
      const there = known.get(id)
      if (there !== undefined && there !== name) {
        throw new Error(`Migration ${id} of this database is "${there}", not "${name}".`)
      }
      if (there !== undefined) continue
      await client.query(migration.sql)
      await client.query('insert into schema_migrations (id, name) values ($1, $2)', [id, name])
      applied.push(name)
    }
    await client.query('commit')
    return { applied }
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

/** Names of the migrations that `migrate` would run; asks, and changes nothing. */
export async function pendingMigrations(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('schema_migrations') is not null as there",
  )
  if (!rows[0]?.there) return migrations.map(({ name }) => name)
  const known = await client.query<{ id: number }>('select id from schema_migrations')
  const ids = new Set(known.rows.map(({ id }) => id))
  return migrations.filter(({ id }) => !ids.has(id)).map(({ name }) => name)
}

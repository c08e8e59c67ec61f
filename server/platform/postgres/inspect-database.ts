import pg from 'pg'
import { pendingMigrations } from './migrate.ts'
import { translateFailure } from './translate-failure.ts'

export type DatabaseFacts = {
  /** `18.1` */
  version: string
  major: number
  encoding: string
  /** The database's clock minus ours, at most this machine's round trip off. */
  clockAheadMs: number
  connections: { used: number; max: number }
  /** Migrations of this version that the database does not have yet; all of them where it was never used. */
  pending: string[]
  isEncrypted: boolean
}

/** Looks and changes nothing: no migration runs. Throws `unavailable` where it does not answer. */
export async function inspectDatabase(url: string): Promise<DatabaseFacts> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 5_000,
    application_name: 'bindery-doctor',
  })
  try {
    await client.connect()
    const askedMs = Date.now()
    const { rows } = await client.query<{
      version: string
      number: string
      encoding: string
      now_ms: string
      used: string
      max: string
      encrypted: boolean | null
    }>(`select current_setting('server_version') as version,
      current_setting('server_version_num') as number,
      current_setting('server_encoding') as encoding,
      extract(epoch from clock_timestamp()) * 1000 as now_ms,
      (select count(*) from pg_stat_activity where backend_type = 'client backend') as used,
      current_setting('max_connections') as max,
      (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted`)
    const [row] = rows
    if (!row) throw new Error('The database said nothing of itself.')
    const middleMs = (askedMs + Date.now()) / 2
    return {
      version: row.version,
      major: Math.floor(Number(row.number) / 10_000),
      encoding: row.encoding,
      clockAheadMs: Number(row.now_ms) - middleMs,
      connections: { used: Number(row.used), max: Number(row.max) },
      pending: await pendingMigrations(client),
      isEncrypted: row.encrypted === true,
    }
  } catch (error) {
    throw translateFailure(error)
  } finally {
    await client.end().catch(() => {})
  }
}

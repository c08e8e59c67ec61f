import pg from 'pg'
import { cluster } from './cluster.ts'

/** A database that takes no more tokens, as one that hangs does, until the returned function lets it. */
export async function holdTokens(): Promise<() => Promise<void>> {
  const secret = await cluster('/api/v1/namespaces/bindery-system/secrets/bindery-database')
  const { DATABASE_URL } = (secret.body as { data: { DATABASE_URL: string } }).data
  const connectionString = Buffer.from(DATABASE_URL, 'base64').toString()
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query('begin')
  await client.query('lock table generation_events in exclusive mode')
  return () => client.end()
}

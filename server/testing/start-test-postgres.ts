import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { type RunningPostgres, startPostgres } from '#server/lab/postgres/start-postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers each request with the URL of a database that is new and empty. */
    databasesUrl: string
  }
}

/** Vitest's global setup: one PostgreSQL per run, started when the first test asks for a database. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let running: Promise<{ dir: string; postgres: RunningPostgres }> | undefined
  let count = 0

  async function start() {
    const dir = await mkdtemp(join(tmpdir(), 'bindery-postgres-'))
    return { dir, postgres: await startPostgres({ dir }) }
  }

  async function newDatabase(): Promise<string> {
    running ??= start()
    const { postgres } = await running
    const name = `test_${++count}`
    const client = new pg.Client({ connectionString: postgres.url })
    await client.connect()
    await client.query(`create database ${name}`)
    await client.end()
    const url = new URL(postgres.url)
    url.pathname = `/${name}`
    return url.href
  }

  const server = createServer((_, response) => {
    newDatabase().then(
      (url) => response.end(url),
      (error) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  project.provide('databasesUrl', `http://127.0.0.1:${address.port}`)

  return async () => {
    server.closeAllConnections()
    server.close()
    const started = await running?.catch(() => undefined)
    await started?.postgres.stop()
    if (started) await rm(started.dir, { recursive: true, force: true })
  }
}

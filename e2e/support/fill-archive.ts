import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { cluster } from './cluster.ts'

/** Puts a run that is gone into the archive, with a log of so many rows: written there, and not streamed. */
export async function fillArchive(name: string, rows: number): Promise<void> {
  const secret = await cluster('/api/v1/namespaces/bindery-system/secrets/bindery-database')
  const { DATABASE_URL } = (secret.body as { data: { DATABASE_URL: string } }).data
  const filling = spawn(
    process.execPath,
    ['--import', 'tsx', 'server/lab/demo/fill-archive.ts', name, String(rows)],
    {
      cwd: join(import.meta.dirname, '../..'),
      env: { ...process.env, DATABASE_URL: Buffer.from(DATABASE_URL, 'base64').toString() },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const [code] = await once(filling, 'close')
  expect(code).toBe(0)
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { type RunningPostgres, startPostgres } from './start-postgres.ts'

const signals = ['SIGINT', 'SIGTERM', 'beforeExit'] as const

async function reach({ url }: RunningPostgres): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  const { rows } = await client.query('select current_database() as name')
  await client.end()
  return rows[0].name
}

test('starts empty, again over what a killed process left, and takes no signal for itself', async () => {
  const listening = signals.map((signal) => process.listenerCount(signal))
  const dir = await mkdtemp(join(tmpdir(), 'bindery-postgres-test-'))
  const first = await startPostgres({ dir })
  expect(await reach(first)).toBe('bindery')

  const second = await startPostgres({ dir })
  await expect(reach(first)).rejects.toThrow()
  expect(await reach(second)).toBe('bindery')
  expect(signals.map((signal) => process.listenerCount(signal))).toEqual(listening)

  await second.stop()
  await expect(reach(second)).rejects.toThrow()
  await rm(dir, { recursive: true })
})

test('ends with the process that started it, even when that is killed', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'bindery-postgres-test-'))
  const script = `import { startPostgres } from './server/lab/postgres/start-postgres.ts'
    const { url } = await startPostgres({ dir: process.argv[1] })
    console.log(url)
    setInterval(() => {}, 1000)`
  const flags = ['--import', 'tsx', '--input-type=module', '-e', script, dir]
  const owner = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [printed] = await once(owner.stdout, 'data')
  const left = { url: String(printed).trim(), port: 0, stop: async () => {} }
  expect(await reach(left)).toBe('bindery')
  owner.kill('SIGKILL')
  await expect.poll(() => reach(left).catch(() => 'gone'), { timeout: 30_000 }).toBe('gone')
  await expect.poll(() => existsSync(join(dir, 'data', 'postmaster.pid'))).toBe(false)
  await rm(dir, { recursive: true })
})

test('a port that is taken is told in words', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'bindery-postgres-test-'))
  const other = await mkdtemp(join(tmpdir(), 'bindery-postgres-test-'))
  const running = await startPostgres({ dir })
  const again = startPostgres({ dir: other, port: running.port })
  await expect(again).rejects.toThrow(/did not start.*Address already in use/)
  await running.stop()
  await Promise.all([dir, other].map((each) => rm(each, { recursive: true, force: true })))
})

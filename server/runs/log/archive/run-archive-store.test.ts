import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '#server/platform/log.ts'
import { openStore } from '#server/processes/open-store.ts'
import { goneRun } from '#server/runs/model/gone-run.ts'
import type { TaskRun } from '#server/runs/model/task-run.ts'
import { databaseUrl } from '#server/testing/database-url.ts'
import type { RunArchive, RunRecord } from './run-archive.ts'

const ending = new AbortController()
let archive: RunArchive
let pool: pg.Pool

beforeAll(async () => {
  const url = await databaseUrl()
  const log = createLog('test', 'error')
  archive = (await openStore(url, { signal: ending.signal, log })).archive
  pool = new pg.Pool({ connectionString: url })
})

afterAll(async () => {
  ending.abort()
  await pool?.end()
})

const at = '2026-11-24T00:00:00Z'

function recordOf(uid: string, rest: Partial<RunRecord> = {}): RunRecord {
  const run: TaskRun = {
    apiVersion: 'tekton.dev/v1',
    kind: 'TaskRun',
    metadata: { namespace: 'serving', name: uid, uid },
    spec: {},
  }
  const record = { uid, namespace: 'serving', name: uid, task: 't', createdAt: new Date(at), run }
  return { ...record, state: 'running', ...rest }
}

const row = (row: number) => ({ row, step: 's', at, count: row, text: `row ${row}` })

async function keep(uid: string, complete: boolean): Promise<void> {
  const append = { after: 0, rows: [row(1)], complete, bytesMax: 1e9 }
  expect(await archive.appendLog({ uid, part: 'steps' }, append)).toBe(true)
}

test('the time of a log ends also where nobody came to write its end, and not while its run is at work', async () => {
  const over = new Date(at)
  await archive.saveRun(recordOf('at-work'))
  await archive.saveRun(recordOf('ended', { state: 'failed', finishedAt: over }))
  await archive.saveRun(recordOf('gone', { goneAt: over }))
  for (const uid of ['at-work', 'ended', 'gone']) await keep(uid, false)
  expect(await archive.expireLogs(new Date(Date.now() + 60_000))).toBe(2)
  for (const [uid, expired] of [
    ['at-work', false],
    ['ended', true],
    ['gone', true],
  ] as const) {
    const key = { uid, part: 'steps' }
    expect([uid, (await archive.findLog(key))?.expired]).toEqual([uid, expired])
    expect([uid, (await archive.readLog(key, 1)).length]).toEqual([uid, expired ? 0 : 1])
  }
})

test('logs whose time is over go some at a time, and nobody who writes waits for all of them', async () => {
  await pool.query(`insert into run_records (uid, namespace, name, task, state, created_at, run)
    select 'old-' || i, 'serving', 'old-' || i, 't', 'succeeded', now(), '{}'
    from generate_series(1, 450) i`)
  await pool.query(`insert into run_logs (run_uid, part, last_row, bytes, complete, written_at)
    select 'old-' || i, 'steps', 1, 1, true, '2026-01-01' from generate_series(1, 450) i`)
  await pool.query(`create table at_once (rows integer)`)
  await pool.query(`create function note_rows() returns trigger language plpgsql as $$
    begin insert into at_once select count(*) from changed; return null; end $$`)
  await pool.query(`create trigger note_rows after update on run_logs
    referencing new table as changed for each statement execute function note_rows()`)
  expect(await archive.expireLogs(new Date('2026-02-01'))).toBe(450)
  const { rows } = await pool.query('select max(rows) as most from at_once')
  expect(rows).toEqual([{ most: 200 }])
  await pool.query('drop trigger note_rows on run_logs')
})

test('one writer at a time: who believes otherwise of what is there is refused, and so is a log that has ended', async () => {
  await archive.saveRun(recordOf('fenced'))
  const key = { uid: 'fenced', part: 'steps' }
  const append = (after: number, complete = false) => {
    const rows = [row(after + 1)]
    return archive.appendLog(key, { after, rows, complete, bytesMax: 1e9 })
  }
  expect(await append(0)).toBe(true)
  expect(await append(0)).toBe(false)
  expect(await append(2)).toBe(false)
  expect(await append(1, true)).toBe(true)
  expect(await append(2)).toBe(false)
  expect((await archive.readLog(key, 1)).map((one) => one.row)).toEqual([1, 2])
})

test('what a run came to stands, whoever lags behind; and a NUL in what it said is no reason to lose it', async () => {
  const run = recordOf('late').run
  run.metadata.annotations = { 'bindery.dev/reason': 'a\u0000b' }
  const ended = { state: 'succeeded', finishedAt: new Date(at) } as const
  const find = () => archive.findRun({ namespace: 'serving', name: 'late' })
  await archive.saveRun(recordOf('late', { ...ended, run }))
  expect((await find())?.run.metadata.annotations?.['bindery.dev/reason']).toBe('a\ufffdb')
  await archive.saveRun(recordOf('late'))
  expect(await find()).toMatchObject({ state: 'succeeded' })
  const goneAt = new Date('2026-11-25T00:00:00Z')
  await archive.saveRun(recordOf('late', { ...ended, goneAt, run: goneRun(run, goneAt) }))
  await archive.saveRun(recordOf('late', ended))
  expect(await find()).toMatchObject({ goneAt })
})

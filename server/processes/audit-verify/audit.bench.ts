import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { AuditEvent } from '#server/audit/model/audit-record.ts'
import { verifyAudit } from '#server/audit/verbs/verify-audit.ts'
import { startPostgres } from '#server/lab/postgres/start-postgres.ts'
import { openStore } from '#server/processes/open-store.ts'

// Records a second that the trail takes and that are verified, beside the same rows in and out of a plain table of the
// same PostgreSQL. Prints one line of JSON; e2e/bench/audit.ts keeps it.
const singles = Number(process.env.BENCH_SINGLES ?? 2_000)
const batched = Number(process.env.BENCH_RECORDS ?? 50_000)
const batchRecords = 500

const dir = await mkdtemp(join(tmpdir(), 'bindery-audit-bench-'))
const ending = new AbortController()
const postgres = await startPostgres({ dir })
try {
  const store = await openStore(postgres.url, { signal: ending.signal })
  const pool = new pg.Pool({ connectionString: postgres.url, max: 4 })
  await pool.query('create table plain (key text primary key, content jsonb not null)')
  const insert = async (events: AuditEvent[]) => {
    await pool.query('insert into plain select * from unnest($1::text[], $2::jsonb[])', [
      events.map(({ key }) => key),
      events.map((event) => JSON.stringify(event)),
    ])
  }

  const rows = [
    await compared('one at a time', singles, 1, 1, store.appendAudit, insert),
    await compared('one at a time, by four at once', singles, 1, 4, store.appendAudit, insert),
    await compared('500 at a time', batched, batchRecords, 1, store.appendAudit, insert),
  ]
  const verified = await perSecond(async () => (await verifyAudit(store)).records)
  const read = await perSecond(async () => {
    const pageRows = 1000
    let count = 0
    for (let after = ''; ; ) {
      const { rows: page } = await pool.query<{ key: string }>(
        'select key, content from plain where key > $1 order by key limit $2',
        [after, pageRows],
      )
      count += page.length
      const last = page.at(-1)
      if (!last) return count
      after = last.key
    }
  })
  rows.push(ratioed('verified, against plain reading', verified, read))
  console.log(JSON.stringify({ singles, batched, rows }))
  await pool.end()
  await store.close()
} finally {
  ending.abort()
  await postgres.stop()
  await rm(dir, { recursive: true, force: true })
}

type Append = (events: AuditEvent[]) => Promise<unknown>

async function compared(
  what: string,
  records: number,
  batch: number,
  writers: number,
  trail: Append,
  plain: Append,
) {
  const of = (append: Append) =>
    perSecond(async () => {
      let next = 0
      const write = async () => {
        while (next < records) {
          const from = next
          next += batch
          await append(Array.from({ length: batch }, (_, index) => event(what, from + index)))
        }
      }
      await Promise.all(Array.from({ length: writers }, write))
      return records
    })
  return ratioed(what, await of(trail), await of(plain))
}

function ratioed(what: string, perSecond: number, plainPerSecond: number) {
  const ratio = Math.round((perSecond / plainPerSecond) * 100) / 100
  return { what, perSecond: Math.round(perSecond), plain: Math.round(plainPerSecond), ratio }
}

async function perSecond(work: () => Promise<number>): Promise<number> {
  const startedMs = performance.now()
  const count = await work()
  return (count * 1000) / (performance.now() - startedMs)
}

function event(what: string, index: number): AuditEvent {
  const on = { kind: 'ModelBinding', namespace: 'research-team-a', name: 'one', uid: 'u1' }
  const why = 'It was asked for in a seminar, and the quota fits.'
  const at = '2026-11-26T10:00:00Z'
  return { key: `bench/${what}/${index}`, at, what: 'approved', who: 'grace', why, on }
}

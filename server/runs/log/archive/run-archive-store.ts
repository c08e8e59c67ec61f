import type pg from 'pg'
import { translated } from '#server/platform/postgres/translate-failure.ts'
import { isGap, type LogRow } from '#server/runs/model/log-entry.ts'
import type { RunState } from '#server/runs/views/run.ts'
import type { ArchivePosition, LogAppend, LogKey, RunArchive, RunRecord } from './run-archive.ts'
import { packRows, textBytesOf, unpackRows } from './run-log-chunk.ts'

type RunRow = {
  uid: string
  namespace: string
  name: string
  task: string
  binding: string | null
  started_by: string | null
  state: RunState
  created_at: Date
  finished_at: Date | null
  gone_at: Date | null
  run: RunRecord['run']
}

type LogHead = {
  last_row: number
  position: ArchivePosition | null
  complete: boolean
  expired: boolean
}

const chunksAtOnce = 2
/** A large log has some hundred chunks. */
const expireAtOnce = 200

export function runArchiveStore(pool: pg.Pool): RunArchive {
  async function runsWhere(condition: string, values: unknown[]): Promise<RunRecord[]> {
    const { rows } = await pool.query<RunRow>(
      `select * from run_records where ${condition}`,
      values,
    )
    return rows.map(recordOf)
  }

  return {
    saveRun: (record) => translated(() => saveRun(pool, record)),

    findRun: ({ namespace, name }) =>
      translated(async () => {
        const newest = 'namespace = $1 and name = $2 order by created_at desc limit 1'
        return (await runsWhere(newest, [namespace, name]))[0]
      }),

    listGoneRuns: (namespace, limit, before) =>
      translated(() =>
        runsWhere(
          `namespace = $1 and gone_at is not null
             and ($3::timestamptz is null or (created_at, name) < ($3, $4))
           order by created_at desc, name desc limit $2`,
          [namespace, limit, before?.createdAt, before?.name],
        ),
      ),

    listPresentRuns: (namespace) =>
      translated(() => runsWhere('namespace = $1 and gone_at is null', [namespace])),

    findLog: ({ uid, part }) =>
      translated(async () => {
        const { rows } = await pool.query<LogHead>(
          'select last_row, position, complete, expired from run_logs where run_uid = $1 and part = $2',
          [uid, part],
        )
        const [head] = rows
        if (!head) return undefined
        const { last_row, position, complete, expired } = head
        return { rows: last_row, position: position ?? undefined, complete, expired }
      }),

    listParts: (uid) =>
      translated(async () => {
        const { rows } = await pool.query<{ part: string }>(
          'select part from run_logs where run_uid = $1 order by part',
          [uid],
        )
        return rows.map(({ part }) => part)
      }),

    appendLog: (key, append) => translated(() => appendLog(pool, key, append)),

    readLog: ({ uid, part }, from) => translated(() => readLog(pool, { uid, part }, from)),

    expireLogs: (before) =>
      translated(async () => {
        let expired = 0
        for (let some = expireAtOnce; some === expireAtOnce; expired += some) {
          some = await expireSome(pool, before)
        }
        return expired
      }),
  }
}

function recordOf(row: RunRow): RunRecord {
  return {
    uid: row.uid,
    namespace: row.namespace,
    name: row.name,
    task: row.task,
    binding: row.binding ?? undefined,
    startedBy: row.started_by ?? undefined,
    state: row.state,
    createdAt: row.created_at,
    finishedAt: row.finished_at ?? undefined,
    goneAt: row.gone_at ?? undefined,
    run: row.run,
  }
}

async function saveRun(pool: pg.Pool, record: RunRecord): Promise<void> {
  const { uid, namespace, name, task, binding, startedBy, state, createdAt } = record
  const { finishedAt, goneAt, run } = record
  // What a run came to stands: a writer that lags behind does not bring it back.
  await pool.query(
    `insert into run_records (uid, namespace, name, task, binding, started_by, state, created_at,
       finished_at, gone_at, run)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (uid) do update set state = excluded.state, finished_at = excluded.finished_at,
       gone_at = excluded.gone_at, run = excluded.run
     where run_records.gone_at is null
       and (run_records.finished_at is null or excluded.finished_at is not null)`,
    // PostgreSQL's JSON holds no NUL.
    [
      uid,
      namespace,
      name,
      task,
      binding,
      startedBy,
      state,
      createdAt,
      finishedAt,
      goneAt,
      JSON.stringify(run).replaceAll('\\u0000', '\\ufffd'),
    ],
  )
}

/** Also of runs that are over and whose log nobody came to end; it ends here. */
async function expireSome(pool: pg.Pool, before: Date): Promise<number> {
  const { rows } = await pool.query(
    `with old as (
       update run_logs set expired = true, complete = true, bytes = 0
       where (run_uid, part) in (
         select run_uid, part from run_logs join run_records on uid = run_uid
         where not expired and written_at < $1
           and (complete or finished_at is not null or gone_at is not null)
         order by written_at limit $2 for update of run_logs skip locked
       ) returning run_uid, part
     ), removed as (
       delete from run_log_chunks using old
       where run_log_chunks.run_uid = old.run_uid and run_log_chunks.part = old.part
     )
     select 1 from old`,
    [before, expireAtOnce],
  )
  return rows.length
}

/** One transaction, and one writer at a time: the log's row is the lock, what is believed to be there the fence. */
async function appendLog(
  pool: pg.Pool,
  { uid, part }: LogKey,
  { after, rows, position, complete, bytesMax }: LogAppend,
): Promise<boolean> {
  const [first] = rows
  const last = rows.at(-1)
  const lastRow = last ? (isGap(last) ? last.row + last.rows - 1 : last.row) : after
  const data = first && (await packRows(rows))
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(
      `insert into run_logs (run_uid, part, last_row, bytes, complete) values ($1, $2, 0, 0, false)
       on conflict do nothing`,
      [uid, part],
    )
    const { rowCount } = await client.query(
      `update run_logs set last_row = $4, position = coalesce($5, position), complete = $6,
         written_at = now()
       where run_uid = $1 and part = $2 and last_row = $3 and not complete`,
      [uid, part, after, lastRow, position && JSON.stringify(position), complete],
    )
    if (rowCount !== 1) {
      await client.query('rollback')
      return false
    }
    if (first && data) {
      await client.query(
        `insert into run_log_chunks (run_uid, part, first_row, last_row, bytes, data)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (run_uid, part, first_row) do update
         set last_row = excluded.last_row, bytes = excluded.bytes, data = excluded.data`,
        [uid, part, first.row, lastRow, textBytesOf(rows), data],
      )
      await keepWithin(client, { uid, part }, bytesMax)
    }
    await client.query('commit')
    return true
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

/** Of a log that is too large the beginning and the end stay: the one says what was tried, the other how it went. */
async function keepWithin(
  client: pg.PoolClient,
  { uid, part }: LogKey,
  bytesMax: number,
): Promise<void> {
  await client.query(
    `with sums as (
       select first_row, sum(bytes) over (order by first_row) as up,
         sum(bytes) over (order by first_row desc) as down
       from run_log_chunks where run_uid = $1 and part = $2
     ), dropped as (
       delete from run_log_chunks using sums
       where run_uid = $1 and part = $2 and run_log_chunks.first_row = sums.first_row
         and up > $3::bigint / 2 and down > $3::bigint / 2
     )
     update run_logs set bytes = coalesce((select max(up) from sums), 0)
     where run_uid = $1 and part = $2`,
    [uid, part, bytesMax],
  )
}

async function readLog(pool: pg.Pool, { uid, part }: LogKey, from: number): Promise<LogRow[]> {
  const { rows: chunks } = await pool.query<{ first_row: number; last_row: number; data: Buffer }>(
    `select first_row, last_row, data from run_log_chunks
     where run_uid = $1 and part = $2 and last_row >= $3 order by first_row limit $4`,
    [uid, part, from, chunksAtOnce],
  )
  const rows: LogRow[] = []
  let next = from
  for (const { first_row, last_row, data } of chunks) {
    const some = await unpackRows(data, first_row)
    if (first_row > next) rows.push(droppedBefore(some[0], next))
    rows.push(...some.filter(({ row }) => row >= from))
    next = last_row + 1
  }
  return rows
}

function droppedBefore(first: LogRow | undefined, from: number): LogRow {
  const { row = from + 1, step = '' } = first ?? {}
  return { row: from, rows: row - from, step, reason: 'truncated' }
}

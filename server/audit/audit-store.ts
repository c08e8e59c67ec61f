import { createHash } from 'node:crypto'
import type pg from 'pg'
import { translated } from '#server/platform/postgres/translate-failure.ts'
import type { AuditQuery } from './model/audit-query.ts'
import { type AuditEvent, type AuditRecord, hashedText, storable } from './model/audit-record.ts'
import type { ChainBreak, ChainHead } from './model/verify-chain.ts'

export type AuditCheck = { seq: number; at: Date; broken?: ChainBreak }

/** The trail: append-only, each record hashing the one before it. */
export type AuditStore = {
  /** Appends those whose keys are new, in this order; answers how many that were. */
  appendAudit(events: AuditEvent[]): Promise<number>
  /** Newest first. */
  listAudit(query: AuditQuery, page: { before?: number; limit: number }): Promise<AuditRecord[]>
  /** How many are newer than this one; no more than `max` are counted. */
  countAuditAfter(query: AuditQuery, after: number, max: number): Promise<number>
  /** Bindings that were asked for and, as far as the trail knows, are not deleted. */
  auditedBindings(): Promise<AuditEvent['on'][]>
  auditHead(): Promise<ChainHead>
  /** Oldest first, from after this one, as all of it stood at the first page. */
  readAudit(after: number): AsyncGenerator<{ head: ChainHead; records: AuditRecord[] }>
  recordAuditCheck(check: AuditCheck): Promise<void>
  lastAuditCheck(): Promise<AuditCheck | undefined>
}

type Row = Omit<AuditRecord, 'seq'> & { seq: string }

const pageRows = 1000

export function auditStore(pool: pg.Pool): AuditStore {
  async function append(client: pg.PoolClient, events: AuditEvent[]): Promise<number> {
    // Who holds this row is the only writer; everybody else's keys are committed before it is let go.
    const { rows: heads } = await client.query<{ seq: string; hash: string }>(
      'select seq, hash from audit_head for update',
    )
    const { rows: known } = await client.query<{ key: string }>(
      'select key from audit where key = any($1)',
      [events.map((event) => event.key)],
    )
    const { rows: clocks } = await client.query<{ now: Date }>('select clock_timestamp() as now')
    const [head] = heads
    const recordedAt = clocks[0]?.now.toISOString()
    if (!head || !recordedAt) throw new Error('The trail has no head.')

    const seen = new Set(known.map(({ key }) => key))
    const records: AuditRecord[] = []
    let at: ChainHead = { seq: Number(head.seq), hash: head.hash }
    for (const event of events) {
      if (seen.has(event.key)) continue
      seen.add(event.key)
      const content = { ...event, at: event.at || recordedAt, seq: at.seq + 1, recordedAt }
      const hash = sha256(hashedText(at.hash, content))
      records.push({ seq: content.seq, previous: at.hash, hash, content })
      at = { seq: content.seq, hash }
    }
    if (records.length === 0) return 0
    await client.query(
      `insert into audit (seq, previous, hash, content)
       select * from unnest($1::bigint[], $2::text[], $3::text[], $4::jsonb[])`,
      [
        records.map(({ seq }) => seq),
        records.map(({ previous }) => previous),
        records.map(({ hash }) => hash),
        records.map(({ content }) => JSON.stringify(content)),
      ],
    )
    await client.query('update audit_head set seq = $1, hash = $2', [at.seq, at.hash])
    return records.length
  }

  async function* read(after: number) {
    const client = await pool.connect()
    try {
      await client.query('begin isolation level repeatable read read only')
      const { rows: heads } = await client.query<{ seq: string; hash: string }>(
        'select seq, hash from audit_head',
      )
      const head = { seq: Number(heads[0]?.seq ?? 0), hash: heads[0]?.hash ?? '' }
      for (let from = after; ; ) {
        const { rows } = await client.query<Row>(
          `select seq, previous, hash, content from audit where seq > $1 order by seq limit $2`,
          [from, pageRows],
        )
        const records = rows.map(recordOf)
        yield { head, records }
        const last = records.at(-1)
        if (!last) return
        from = last.seq
      }
    } finally {
      await client.query('rollback').catch(() => {})
      client.release()
    }
  }

  return {
    appendAudit: (events) =>
      translated(() => inTransaction(pool, (client) => append(client, events.map(storable)))),

    listAudit: (query, { before, limit }) =>
      translated(async () => {
        const { sql, values } = whereOf(query, before === undefined ? [] : ['seq < ', before])
        const { rows } = await pool.query<Row>(
          `select seq, previous, hash, content from audit ${sql}
           order by seq desc limit $${values.length + 1}`,
          [...values, limit],
        )
        return rows.map(recordOf)
      }),

    countAuditAfter: (query, after, max) =>
      translated(async () => {
        const { sql, values } = whereOf(query, ['seq > ', after])
        const { rows } = await pool.query<{ count: string }>(
          `select count(*) from (select 1 from audit ${sql} limit $${values.length + 1}) as newer`,
          [...values, max],
        )
        return Number(rows[0]?.count ?? 0)
      }),

    auditedBindings: () =>
      translated(async () => {
        const { rows } = await pool.query<{ on: AuditEvent['on'] }>(
          `select content -> 'on' as "on" from audit where what = 'requested' and not exists (
             select 1 from audit as gone
             where gone.key = 'binding/' || (audit.content #>> '{on,uid}') || '/deleted')`,
        )
        return rows.map(({ on }) => on)
      }),

    auditHead: () =>
      translated(async () => {
        const { rows } = await pool.query<{ seq: string; hash: string }>(
          'select seq, hash from audit_head',
        )
        return { seq: Number(rows[0]?.seq ?? 0), hash: rows[0]?.hash ?? '' }
      }),

    readAudit: read,

    recordAuditCheck: ({ seq, at, broken }) =>
      translated(async () => {
        await pool.query(
          `insert into audit_checks (seq, at, broken) values ($1, $2, $3)
           on conflict (one) do update set seq = excluded.seq, at = excluded.at, broken = excluded.broken`,
          [seq, at, broken ? JSON.stringify(broken) : null],
        )
      }),

    lastAuditCheck: () =>
      translated(async () => {
        const { rows } = await pool.query('select seq, at, broken from audit_checks')
        const [row] = rows
        return row && { seq: Number(row.seq), at: row.at, broken: row.broken ?? undefined }
      }),
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function recordOf({ seq, ...row }: Row): AuditRecord {
  return { ...row, seq: Number(seq) }
}

async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    client.release()
    return result
  } catch (error) {
    const lost = await client.query('rollback').then(
      () => undefined,
      (reason: Error) => reason,
    )
    client.release(lost)
    throw error
  }
}

function whereOf(
  query: AuditQuery,
  place: [] | [comparison: string, seq: number],
): { sql: string; values: unknown[] } {
  const parts: string[] = []
  const values: unknown[] = []
  const add = (left: string, value: unknown, right = '') => {
    values.push(value)
    parts.push(`${left}$${values.length}${right}`)
  }
  const [comparison, seq] = place
  if (comparison !== undefined) add(comparison, seq)
  if (query.text) add('words like ', `%${literal(query.text.toLowerCase())}%`)
  if (query.who) add('who = ', query.who)
  if (query.what && query.what.length > 0) add('what = any(', query.what, ')')
  if (query.namespace) add('namespace = ', query.namespace)
  if (query.binding) add('binding = ', query.binding)
  // Both are ISO 8601 in UTC with milliseconds, so their order as text is that of time.
  if (query.from) add('at >= ', new Date(query.from).toISOString())
  if (query.to) add('at < ', new Date(query.to).toISOString())
  return { sql: parts.length > 0 ? `where ${parts.join(' and ')}` : '', values }
}

/** For `like`, where these mean something. */
function literal(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&')
}

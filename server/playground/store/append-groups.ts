import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { AppError } from '#server/platform/model/errors.ts'
import { noteAllSql, noticeText } from '#server/platform/postgres/pg-notifications.ts'
import { translateFailure } from '#server/platform/postgres/translate-failure.ts'
import type { TokenEvent } from '#server/playground/views/token-events.ts'

type Append = { id: string; firstSeq: number; events: TokenEvent[] }
type Waiting = Append & { resolve(): void; reject(error: AppError): void }

/** Readers see nothing that is not stored: so often at most, whatever number of answers is written. */
const groupEveryMs = 16
const groupMax = 256
/** A database that has gone silent is found out before its connection is. */
const answerWithinMs = 10_000

// Locked, so that nobody deletes one while its tokens are written: it would fail all others with it. Repeated after an
// unclear failure, a batch may have grown: the longer one wins. One that comes so late that its rows have been laid
// together is there already.
const appendSql = `
  with batch as (
    select * from jsonb_to_recordset($1::jsonb) as (id text, "firstSeq" integer, events jsonb)
  ), there as (
    select g.id from generations g join batch using (id) order by g.id for key share of g
  ), put as (
    insert into generation_events as kept (generation_id, first_seq, last_seq, events)
    select id, "firstSeq", "firstSeq" + jsonb_array_length(events) - 1, events
    from batch join there using (id)
    where ${isNewSql('id', '"firstSeq"')}
    on conflict (generation_id, first_seq) do update
      set last_seq = excluded.last_seq, events = excluded.events
      where kept.last_seq <= excluded.last_seq
  )
  select id from there`

/** Whether the row before it ends before it. */
export function isNewSql(id: string, firstSeq: string): string {
  return `coalesce((
    select e.last_seq from generation_events e
    where e.generation_id = ${id} and e.first_seq < ${firstSeq} order by e.first_seq desc limit 1
  ), 0) < ${firstSeq}`
}

/**
 * Appends of many answers in one commit: at once where nothing is being written, otherwise with all that came
 * meanwhile. Resolves when it is in the database.
 */
export function createAppendGroups(pool: pg.Pool): (append: Append) => Promise<void> {
  const waiting: Waiting[] = []
  let isWriting = false
  let begunMs = Number.NEGATIVE_INFINITY

  async function write(appends: Append[]): Promise<Set<string>> {
    try {
      const batch = appends.map(({ id, firstSeq, events }) => ({ id, firstSeq, events }))
      const query = {
        name: 'append-events',
        text: appendSql,
        values: [JSON.stringify(batch)],
        query_timeout: answerWithinMs,
      }
      const { rows } = await pool.query<{ id: string }>(query)
      return new Set(rows.map(({ id }) => id))
    } catch (error) {
      throw translateFailure(error)
    }
  }

  function note(ids: string[]): void {
    const notices = ids.map((id) => noticeText({ id, stop: false }))
    const query = { name: 'note-all', text: noteAllSql, values: [notices] }
    void pool.query(query).catch(() => {})
  }

  async function writeGroup(group: Waiting[]): Promise<void> {
    try {
      const there = await write(group)
      for (const one of group) {
        if (there.has(one.id)) one.resolve()
        else one.reject(new AppError('not-found', 'What this belongs to is not there.'))
      }
      // After what waits here for its tokens. A follower whom this does not reach looks by itself after a while.
      setImmediate(note, [...there])
    } catch (error) {
      const failure = translateFailure(error)
      const isRefused = failure.code !== 'unavailable' && failure.code !== 'timeout'
      // What the database will never take is that answer's matter, not its neighbours'.
      if (isRefused && group.length > 1) for (const one of group) await writeGroup([one])
      else for (const one of group) one.reject(failure)
    }
  }

  async function writeAll(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      const earlyMs = begunMs + groupEveryMs - performance.now()
      if (earlyMs > 0) await setTimeout(earlyMs)
      begunMs = performance.now()
      await writeGroup(waiting.splice(0, groupMax))
    }
    isWriting = false
  }

  return (append) =>
    new Promise((resolve, reject) => {
      if (append.events.length === 0) return resolve()
      waiting.push({ ...append, resolve, reject })
      if (!isWriting) void writeAll()
    })
}

import type pg from 'pg'
import type { Log } from '#server/platform/log.ts'
import {
  isAbsentSql,
  listenForNotices,
  type Notice,
  noticeText,
  notifySql,
} from '#server/platform/postgres/pg-notifications.ts'
import { translated } from '#server/platform/postgres/translate-failure.ts'
import type { TokenEvent } from '#server/playground/views/token-events.ts'
import type { Store } from '#server/store.ts'
import { createAppendGroups, isNewSql } from './append-groups.ts'
import { type GenerationRow, generationColumns, storedGeneration } from './generation-columns.ts'

type GenerationStore = Pick<
  Store,
  | 'findGeneration'
  | 'appendEvents'
  | 'readEvents'
  | 'endGeneration'
  | 'tidyEvents'
  | 'beatGenerations'
  | 'requestStop'
  | 'noteWatched'
  | 'onGenerationNotice'
  | 'interruptOrphans'
>

/** The states that still change; the others are final. */
const isAlive = `state in ('queued', 'running')`

// Whoever reads the last event finds the state and the text too. What was written is kept even where somebody else has
// declared the end; the state is not changed twice.
const endSql = `
  with put as (
    insert into generation_events as kept (generation_id, first_seq, last_seq, events)
    select $1, $8::integer, $8 + jsonb_array_length($9::jsonb) - 1, $9::jsonb
    where $8 is not null and ${isNewSql('$1', '$8')}
    on conflict (generation_id, first_seq) do update
      set last_seq = excluded.last_seq, events = excluded.events
      where kept.last_seq <= excluded.last_seq
  )
  update generations set
    state = case when state in ('queued', 'running') then $2 else state end,
    reasoning = $3, content = $4, finish_reason = $5, usage = $6::jsonb, error = $7::jsonb,
    state_at = now(), heartbeat_at = now()
  where id = $1`

const eventsPerRow = 256

const tidySql = `
  with small as (
    delete from generation_events where generation_id = $1 returning first_seq, events
  ), one as (
    select small.first_seq + place::integer - 1 as seq, event
    from small, jsonb_array_elements(small.events) with ordinality as e (event, place)
  )
  insert into generation_events (generation_id, first_seq, last_seq, events)
  select $1, min(seq), max(seq), jsonb_agg(event order by seq) from one group by seq / $2::integer`

export function generationStore(
  pool: pg.Pool,
  url: string,
  signal: AbortSignal,
  log: Log | undefined,
): GenerationStore {
  async function notify(notice: Notice): Promise<void> {
    await pool.query(notifySql, [noticeText(notice)])
  }

  /** What may have been said while nobody listened: whatever lives, and whatever ended since. */
  async function missed(since: Date): Promise<Notice[]> {
    const { rows } = await pool.query<Notice>(
      `select id, stop_requested as stop from generations where ${isAlive} or state_at >= $1`,
      [since],
    )
    return rows
  }

  const append = createAppendGroups(pool)
  const listen = listenForNotices(url, missed, signal, log)

  return {
    findGeneration: (id) =>
      translated(async () => {
        const { rows } = await pool.query<GenerationRow & { quietMs: number }>(
          `select ${generationColumns},
            (extract(epoch from now() - heartbeat_at) * 1000)::float8 as "quietMs"
          from generations where id = $1`,
          [id],
        )
        const [found] = rows
        if (!found) return undefined
        const { quietMs, ...row } = found
        return { ...storedGeneration(row), quietMs }
      }),

    appendEvents: (id, firstSeq, events) => append({ id, firstSeq, events }),

    readEvents: (id, afterSeq) =>
      translated(async () => {
        const { rows } = await pool.query<{ firstSeq: number; events: TokenEvent[] }>(
          `select first_seq as "firstSeq", events from generation_events
          where generation_id = $1 and last_seq > $2 order by first_seq`,
          [id, afterSeq],
        )
        return rows
          .flatMap((batch) =>
            batch.events.map((event, at) => ({ seq: batch.firstSeq + at, event })),
          )
          .filter(({ seq }) => seq > afterSeq)
      }),

    endGeneration: (id, { last, ...end }) =>
      translated(async () => {
        const { reasoning, content, finishReason, usage, error } = end
        await pool.query(endSql, [
          id,
          end.state,
          reasoning,
          content,
          finishReason ?? null,
          jsonOf(usage),
          jsonOf(error),
          last?.firstSeq ?? null,
          jsonOf(last?.events),
        ])
        await notify({ id, stop: false })
      }),

    tidyEvents: (id) =>
      translated(async () => void (await pool.query(tidySql, [id, eventsPerRow]))),

    beatGenerations: (ids) =>
      translated(async () => {
        await pool.query(
          `update generations set heartbeat_at = now() where id = any($1) and ${isAlive}`,
          [ids],
        )
      }),

    requestStop: (id) =>
      translated(async () => {
        const { rowCount } = await pool.query(
          `update generations set stop_requested = true where id = $1 and ${isAlive}`,
          [id],
        )
        if (rowCount) await notify({ id, stop: true })
      }),

    noteWatched: (id) => translated(() => notify({ id, stop: false, watched: true })),

    onGenerationNotice: (callback, holder, until) =>
      translated(() => listen(callback, holder, until)),

    interruptOrphans: (deadAfterMs, goneAfterMs = deadAfterMs) =>
      translated(async () => {
        const quietFor = (ms: string) => `heartbeat_at < now() - ${ms} * interval '1 millisecond'`
        const { rows: orphans } = await pool.query<{ id: string }>(
          `update generations set state = 'interrupted', state_at = now()
          where ${isAlive} and (${quietFor('$1::float8')}
            or (${quietFor('$2::float8')} and ${isAbsentSql('holder', '$3')}))
          returning id`,
          [deadAfterMs, goneAfterMs, 2 * goneAfterMs],
        )
        for (const { id } of orphans) await notify({ id, stop: false })
        return orphans.map(({ id }) => id)
      }),
  }
}

function jsonOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

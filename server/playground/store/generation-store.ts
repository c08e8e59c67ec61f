import { and, asc, eq, gt, gte, inArray, lt, or, sql } from 'drizzle-orm'
import type { Log } from '#server/platform/log.ts'
import { type Database, translated } from '#server/platform/postgres/database.ts'
import {
  isAbsent,
  listenForNotices,
  type Notice,
  noticeText,
  notifySql,
} from '#server/platform/postgres/pg-notifications.ts'
import { generationEvents, generations } from '#server/platform/postgres/schema.ts'
import type { Store } from '#server/store.ts'
import { createAppendGroups, isNewSql } from './append-groups.ts'
import { generationColumns, storedGeneration } from './generation-columns.ts'

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

/** The states that still change; the others are final, whoever comes late. */
const alive = ['queued', 'running'] as const

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
  database: Database,
  url: string,
  signal: AbortSignal,
  log: Log | undefined,
): GenerationStore {
  async function notify(notice: Notice): Promise<void> {
    await database.$client.query(notifySql, [noticeText(notice)])
  }

  /** What may have been said while nobody listened: whatever lives, and whatever ended since. */
  async function missed(since: Date): Promise<Notice[]> {
    return database
      .select({ id: generations.id, stop: generations.stopRequested })
      .from(generations)
      .where(or(inArray(generations.state, [...alive]), gte(generations.stateAt, since)))
  }

  const append = createAppendGroups(database.$client)
  const listen = listenForNotices(url, missed, signal, log)

  return {
    findGeneration: (id) =>
      translated(async () => {
        const [found] = await database
          .select({
            ...generationColumns,
            quietMs: sql<number>`(extract(epoch from now() - ${generations.heartbeatAt}) * 1000)::float8`,
          })
          .from(generations)
          .where(eq(generations.id, id))
        if (!found) return undefined
        const { quietMs, ...row } = found
        return { ...storedGeneration(row), quietMs }
      }),

    appendEvents: (id, firstSeq, events) => append({ id, firstSeq, events }),

    readEvents: (id, afterSeq) =>
      translated(async () => {
        const { generationId, firstSeq, lastSeq, events } = generationEvents
        const batches = await database
          .select({ firstSeq, events })
          .from(generationEvents)
          .where(and(eq(generationId, id), gt(lastSeq, afterSeq)))
          .orderBy(asc(firstSeq))
        return batches
          .flatMap((batch) =>
            batch.events.map((event, at) => ({ seq: batch.firstSeq + at, event })),
          )
          .filter(({ seq }) => seq > afterSeq)
      }),

    endGeneration: (id, { last, ...end }) =>
      translated(async () => {
        const { reasoning, content, finishReason, usage, error } = end
        await database.$client.query(endSql, [
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
      translated(async () => void (await database.$client.query(tidySql, [id, eventsPerRow]))),

    beatGenerations: (ids) =>
      translated(async () => {
        await database
          .update(generations)
          .set({ heartbeatAt: sql`now()` })
          .where(and(inArray(generations.id, ids), inArray(generations.state, [...alive])))
      }),

    requestStop: (id) =>
      translated(async () => {
        const stopped = await database
          .update(generations)
          .set({ stopRequested: true })
          .where(and(eq(generations.id, id), inArray(generations.state, [...alive])))
          .returning({ id: generations.id })
        if (stopped.length > 0) await notify({ id, stop: true })
      }),

    noteWatched: (id) => translated(() => notify({ id, stop: false, watched: true })),

    onGenerationNotice: (callback, holder, until) =>
      translated(() => listen(callback, holder, until)),

    interruptOrphans: (deadAfterMs, goneAfterMs = deadAfterMs) =>
      translated(async () => {
        const quietFor = (ms: number) =>
          lt(generations.heartbeatAt, sql`now() - ${ms} * interval '1 millisecond'`)
        const orphans = await database
          .update(generations)
          .set({ state: 'interrupted', stateAt: sql`now()` })
          .where(
            and(
              inArray(generations.state, [...alive]),
              or(
                quietFor(deadAfterMs),
                and(quietFor(goneAfterMs), isAbsent(generations.holder, 2 * goneAfterMs)),
              ),
            ),
          )
          .returning({ id: generations.id })
        for (const { id } of orphans) await notify({ id, stop: false })
        return orphans.map(({ id }) => id)
      }),
  }
}

function jsonOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

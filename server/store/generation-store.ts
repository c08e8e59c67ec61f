import { and, asc, eq, gt, gte, inArray, lt, or, sql } from 'drizzle-orm'
import type { Log } from '#server/log.ts'
import { type Database, translated } from './database.ts'
import { generationColumns, storedGeneration } from './generation-columns.ts'
import { listenForNotices, type Notice, noticeText, notifySql } from './notices.ts'
import { generationEvents, generations } from './schema.ts'
import type { Store } from './store.ts'

type GenerationStore = Pick<
  Store,
  | 'findGeneration'
  | 'appendEvents'
  | 'readEvents'
  | 'endGeneration'
  | 'beatGeneration'
  | 'requestStop'
  | 'noteWatched'
  | 'onGenerationNotice'
  | 'interruptOrphans'
>

/** The states that still change; the others are final, whoever comes late. */
const alive = ['queued', 'running'] as const

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

  const listen = listenForNotices(url, missed, signal, log)

  return {
    findGeneration: (id) =>
      translated(async () => {
        const [found] = await database
          .select(generationColumns)
          .from(generations)
          .where(eq(generations.id, id))
        return found && storedGeneration(found)
      }),

    appendEvents: (id, firstSeq, events) =>
      translated(async () => {
        if (events.length === 0) return
        const lastSeq = firstSeq + events.length - 1
        const { firstSeq: start, generationId } = generationEvents
        // Repeated after an unclear failure, a batch may have grown: the longer one wins.
        await database
          .insert(generationEvents)
          .values({ generationId: id, firstSeq, lastSeq, events })
          .onConflictDoUpdate({
            target: [generationId, start],
            set: { lastSeq, events },
            setWhere: lt(generationEvents.lastSeq, lastSeq),
          })
        await notify({ id, stop: false })
      }),

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

    endGeneration: (id, end) =>
      translated(async () => {
        // What was written is kept even where somebody else has declared the end; the state is not changed twice.
        const state = sql`case when ${inArray(generations.state, [...alive])}
          then ${end.state} else ${generations.state} end`
        await database
          .update(generations)
          .set({ ...end, state, stateAt: sql`now()`, heartbeatAt: sql`now()` })
          .where(eq(generations.id, id))
        await notify({ id, stop: false })
      }),

    beatGeneration: (id) =>
      translated(async () => {
        await database
          .update(generations)
          .set({ heartbeatAt: sql`now()` })
          .where(and(eq(generations.id, id), inArray(generations.state, [...alive])))
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

    onGenerationNotice: (callback, until) => translated(() => listen(callback, until)),

    interruptOrphans: (olderThan) =>
      translated(async () => {
        const orphans = await database
          .update(generations)
          .set({ state: 'interrupted', stateAt: sql`now()` })
          .where(
            and(inArray(generations.state, [...alive]), lt(generations.heartbeatAt, olderThan)),
          )
          .returning({ id: generations.id })
        for (const { id } of orphans) await notify({ id, stop: false })
        return orphans.map(({ id }) => id)
      }),
  }
}

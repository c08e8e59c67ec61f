import { and, asc, desc, eq, gt, gte, inArray, lt, or, sql } from 'drizzle-orm'
import type { Log } from '#server/log.ts'
import { type Database, translated } from './database.ts'
import { listenForNotices, type Notice, noticeText, notifySql } from './notices.ts'
import type { PresetStore } from './preset-store.ts'
import { generationEvents, generations } from './schema.ts'
import type { Store, StoredGeneration } from './store.ts'

type GenerationStore = Omit<
  Store,
  'recordUsage' | 'tokensUsedSince' | 'usageOf' | 'ping' | 'close' | keyof PresetStore
>

/** The states that still change; the others are final, whoever comes late. */
const alive = ['queued', 'running'] as const

const columns = {
  id: generations.id,
  owner: generations.owner,
  state: generations.state,
  request: generations.request,
  createdAt: generations.createdAt,
  holder: generations.holder,
  heartbeatAt: generations.heartbeatAt,
}

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
    createGeneration: (generation) =>
      translated(async (): Promise<StoredGeneration> => {
        const rows = await database.insert(generations).values(generation).returning(columns)
        const [created] = rows
        if (!created) throw new Error('The insert returned no row.')
        return created
      }),

    findGeneration: (id) =>
      translated(async () => {
        const rows = await database.select(columns).from(generations).where(eq(generations.id, id))
        return rows[0]
      }),

    listGenerations: (owner, limit) =>
      translated(() =>
        database
          .select(columns)
          .from(generations)
          .where(eq(generations.owner, owner))
          .orderBy(desc(generations.createdAt), desc(generations.id))
          .limit(limit),
      ),

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

    setGenerationState: (id, state) =>
      translated(async () => {
        await database
          .update(generations)
          .set({ state, stateAt: sql`now()`, heartbeatAt: sql`now()` })
          .where(and(eq(generations.id, id), inArray(generations.state, [...alive])))
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

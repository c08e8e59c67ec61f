import type { ChatPart } from '#server/platform/inference/chat-stream.ts'
import type { WaitingPart } from '#server/platform/inference/stream-when-ready.ts'
import type { Log } from '#server/platform/log.ts'
import {
  condense,
  emptyAnswer,
  type NumberedEvent,
  reduceTokens,
} from '#server/playground/model/token-stream.ts'
import type { Store } from '#server/store.ts'
import { type LiveGeneration, type NewGeneration, streamGeneration } from './live-generation.ts'
import { createRemoteGenerations } from './remote-generation.ts'

export type GenerationRegistry = {
  /** This process, as it is written beside what it streams. */
  readonly holder: string
  /** Streams it from here on, watched or not. */
  start(
    generation: NewGeneration,
    ask: (signal: AbortSignal) => AsyncIterable<ChatPart | WaitingPart>,
  ): void
  /** Whose it is, where it streams here. */
  ownerOf(id: string): string | undefined
  /** Events after `afterSeq` in batches, live until the end; whichever process streams it. */
  follow(id: string, afterSeq: number, signal: AbortSignal): AsyncIterable<NumberedEvent[]>
  /** Stops it, whichever process streams it. */
  stop(id: string): Promise<void>
  /** How many of the owner's are streaming here. */
  activeOf(owner: string): number
  /** Lets what streams come to its end for so long, then interrupts it; resolves when the ends are stored. */
  drain(waitMs: number): Promise<void>
}

export type RegistryTimes = {
  unwatchedStopMs: number
  beatMs: number
  /** A holder that has not been heard of for this long is taken for dead, */
  deadAfterMs: number
  /** or for this long where the database has seen its connection end; and those who follow are told that it is away: */
  goneAfterMs: number
  awayAfterMs: number
  /** For so long the store may be silent before what it has not taken is shown nevertheless. */
  unsavedAfterMs: number
  /** How often a follower of another process's generation looks by itself, in case a notice was lost. */
  lookEveryMs: number
}

export const registryTimes: Omit<RegistryTimes, 'unwatchedStopMs'> = {
  beatMs: 2000,
  deadAfterMs: 30_000,
  goneAfterMs: 10_000,
  awayAfterMs: 5000,
  unsavedAfterMs: 2000,
  lookEveryMs: 2000,
}

/** Reviews are cached, and forgotten when RBAC changes: asking costs nothing while nothing changes. */
const rightsEveryMs = 2000

/** Generations belong to the server: viewers come and go, from any tab, device or process. */
export async function createGenerationRegistry(
  store: Store,
  log: Log,
  holder: string,
  times: RegistryTimes,
  signal: AbortSignal,
): Promise<GenerationRegistry> {
  const live = new Map<string, LiveGeneration>()
  const watchers = new Map<string, number>()
  const seenMs = new Map<string, number>()
  const elsewhere = createRemoteGenerations(store, times)
  /** Since when the store has answered whenever it was asked, and when it last did not. */
  let reachableMs = performance.now()
  let failedMs = Number.NEGATIVE_INFINITY
  let beating = false

  await store.onGenerationNotice(
    ({ id, stop, watched }) => {
      if (stop) live.get(id)?.stop('stopped')
      if (watched && live.has(id)) seenMs.set(id, performance.now())
      elsewhere.noticed(id)
    },
    holder,
    signal,
  )

  const beat = setInterval(async () => {
    for (const id of elsewhere.watched()) void store.noteWatched(id).catch(() => {})
    if (beating) return
    beating = true
    try {
      if (live.size > 0) await store.beatGenerations([...live.keys()])
      await buryOrphans()
    } catch (err) {
      reachableMs = performance.now()
      failedMs = reachableMs
      log.warn({ err }, 'no heartbeat, and none was listened for')
    }
    beating = false
  }, times.beatMs)
  const unwatched = setInterval(stopUnwatched, Math.min(1000, times.unwatchedStopMs / 4))
  const withdrawn = setInterval(stopWithdrawn, rightsEveryMs)
  signal.addEventListener('abort', () => {
    clearInterval(beat)
    clearInterval(unwatched)
    clearInterval(withdrawn)
  })

  function stopUnwatched() {
    const now = performance.now()
    for (const { id, isOver, stop } of live.values()) {
      if (isOver() || watchers.get(id)) continue
      if (now - (seenMs.get(id) ?? now) >= times.unwatchedStopMs) stop('unwatched')
    }
  }

  /** Whoever may not use the binding any more gets no more tokens through it; where nobody can say, it goes on. */
  async function stopWithdrawn() {
    await Promise.all(
      [...live.values()].map(async (one) => {
        if (one.isOver()) return
        const goesOn = await one.mayGoOn().catch(() => true)
        if (!goesOn) one.stop('withdrawn')
      }),
    )
  }

  async function buryOrphans() {
    await store.ping()
    // Where nobody reached the store, nobody's heart was heard: all get the time to be heard again.
    if (performance.now() - reachableMs < 3 * times.beatMs) return
    const { deadAfterMs, goneAfterMs } = times
    // Where the database was away, connections have ended whose processes live.
    const sawEnds = performance.now() - failedMs > 2 * goneAfterMs
    for (const id of await store.interruptOrphans(
      deadAfterMs,
      sawEnds ? goneAfterMs : deadAfterMs,
    )) {
      const events = await store.readEvents(id, 0)
      const { seq, reasoning, content, usage, end } = events.reduce(
        (answer, next) => reduceTokens(answer, next.seq, next.event),
        emptyAnswer,
      )
      const interrupted = { event: 'end', data: { state: 'interrupted' } } as const
      const last = end ? undefined : { firstSeq: seq + 1, events: [interrupted] }
      const text = { reasoning, content, usage }
      await store.endGeneration(id, { ...text, state: 'interrupted', ...end, last })
    }
  }

  async function* followLive(one: LiveGeneration, afterSeq: number, until: AbortSignal) {
    watchers.set(one.id, (watchers.get(one.id) ?? 0) + 1)
    try {
      // Who comes from another process may have read what the store has not confirmed to this one yet.
      let at = Math.min(Math.max(afterSeq, 0), one.events.length)
      let unsaved = 0
      while (!until.aborted) {
        const stored = one.stored()
        if (at < stored) {
          const fresh = one.events.slice(at, stored)
          at = stored
          unsaved = 0
          yield fresh.length > 1 ? condense(fresh) : fresh
        } else if (one.isUnsaved() && at + unsaved < one.events.length) {
          const events = one.events.slice(at + unsaved).map(({ event }) => event)
          const data = { from: unsaved, events }
          unsaved += events.length
          yield [{ seq: at, event: { event: 'unsaved', data } } satisfies NumberedEvent]
        } else if (one.isOver() && at === one.events.length) return
        else await one.wake.next(until)
      }
    } finally {
      const left = (watchers.get(one.id) ?? 1) - 1
      if (left > 0) watchers.set(one.id, left)
      else watchers.delete(one.id)
      seenMs.set(one.id, performance.now())
    }
  }

  return {
    holder,
    start(generation, ask) {
      const one = streamGeneration(store, log, generation, ask, times.unsavedAfterMs)
      live.set(one.id, one)
      seenMs.set(one.id, performance.now())
      // Once its end is stored, whoever comes reads it from there.
      void one.settled.then(() => {
        live.delete(one.id)
        seenMs.delete(one.id)
      })
    },
    follow(id, afterSeq, until) {
      const one = live.get(id)
      return one ? followLive(one, afterSeq, until) : elsewhere.follow(id, afterSeq, until)
    },
    async stop(id) {
      const one = live.get(id)
      if (one) one.stop('stopped')
      else await store.requestStop(id)
    },
    ownerOf: (id) => live.get(id)?.owner,
    activeOf: (owner) =>
      [...live.values()].filter((one) => one.owner === owner && !one.isOver()).length,
    async drain(waitMs) {
      const late = setTimeout(() => {
        for (const one of live.values()) one.stop('interrupted')
      }, waitMs)
      // Others may begin meanwhile, over connections that are open still.
      while (live.size > 0) await Promise.all([...live.values()].map((one) => one.settled))
      clearTimeout(late)
    },
  }
}

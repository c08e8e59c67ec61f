import { setTimeout } from 'node:timers/promises'
import { AppError } from '#server/platform/model/errors.ts'
import { type ChangeSignal, createChangeSignal } from '#server/platform/time/change-signal.ts'
import { condense, type NumberedEvent } from '#server/playground/model/token-stream.ts'
import { isGrowing } from '#server/playground/verbs/generation-access.ts'
import type { TokenEvent } from '#server/playground/views/token-events.ts'
import type { Store } from '#server/store.ts'

/** Answers that another process writes, or wrote, as they are read from the store: once, however many watch. */
export type RemoteGenerations = {
  follow(id: string, afterSeq: number, until: AbortSignal): AsyncIterable<NumberedEvent[]>
  /** Something of it may be new. */
  noticed(id: string): void
  /** What is being followed here. */
  watched(): string[]
}

type Place = {
  /** All of it so far; `seq` of an event is its index plus one. */
  events: NumberedEvent[]
  noticed: ChangeSignal
  grown: ChangeSignal
  followers: number
  /** Nothing was heard of its holder for a while. */
  away: boolean
  left: AbortController
  failure?: unknown
}

/** Whoever writes it appends more often than a screen needs it. */
const readEveryMs = 40
const awayCodes = ['unavailable', 'timeout']

export function createRemoteGenerations(
  store: Pick<Store, 'findGeneration' | 'readEvents' | 'noteWatched'>,
  { lookEveryMs, awayAfterMs }: { lookEveryMs: number; awayAfterMs: number },
): RemoteGenerations {
  const places = new Map<string, Place>()

  function open(id: string): Place {
    const waking = { noticed: createChangeSignal(), grown: createChangeSignal() }
    const place = {
      events: [],
      ...waking,
      followers: 0,
      away: false,
      left: new AbortController(),
    }
    places.set(id, place)
    void store.noteWatched(id).catch(() => {})
    void read(id, place)
    return place
  }

  async function read(id: string, place: Place): Promise<void> {
    const { signal } = place.left
    /** Since when the database has answered: where it is away, no heart is heard. */
    let reachedMs: number | undefined
    try {
      while (!signal.aborted && !endOf(place)) {
        const rings = place.noticed.version()
        const found = await freshOf(id, place.events.length)
        reachedMs = found && (reachedMs ?? performance.now())
        for (const event of found?.fresh ?? []) place.events.push(event)
        const heardMs = reachedMs === undefined ? 0 : performance.now() - reachedMs
        place.away = found?.fresh.length === 0 && Math.min(found.quietMs, heardMs) > awayAfterMs
        place.grown.notify()
        if (endOf(place)) return
        await place.noticed.next(signal, lookEveryMs, rings)
        await setTimeout(readEveryMs)
      }
    } catch (error) {
      place.failure = error
      places.delete(id)
      place.grown.notify()
    }
  }

  /** What is new of it, and for how long its holder has been quiet; undefined while the database is away. */
  async function freshOf(
    id: string,
    seq: number,
  ): Promise<{ fresh: NumberedEvent[]; quietMs: number } | undefined> {
    try {
      const found = await store.findGeneration(id)
      if (!found) throw new AppError('not-found', 'There is no such generation.')
      const fresh = await store.readEvents(id, seq)
      const { quietMs } = found
      if (fresh.length > 0 || isGrowing(found.state)) return { fresh, quietMs }
      // Its holder died and nobody has written its end yet.
      const state =
        found.state === 'done' || found.state === 'stopped' ? found.state : 'interrupted'
      return { fresh: [{ seq: seq + 1, event: { event: 'end', data: { state } } }], quietMs }
    } catch (error) {
      // Whoever watches waits for the database as whoever writes does.
      if (error instanceof AppError && awayCodes.includes(error.code)) return undefined
      throw error
    }
  }

  return {
    async *follow(id, afterSeq, until) {
      const place = places.get(id) ?? open(id)
      place.followers++
      try {
        let seq = Math.max(afterSeq, 0)
        let away = false
        while (!until.aborted) {
          const fresh = place.events.slice(seq)
          const end = endOf(place)
          const last = fresh.at(-1)
          if (last) {
            seq = last.seq
            yield condense(fresh)
          }
          if (place.away !== away && !end) {
            away = place.away
            yield [{ seq, event: { event: 'away', data: { away } } }]
          }
          if (end) {
            // It was seen before, to its end or beyond.
            if (!last) yield [{ seq: seq + 1, event: end }]
            return
          }
          if (place.failure) throw place.failure
          if (!last) await place.grown.next(until)
        }
      } finally {
        place.followers--
        if (place.followers === 0) {
          place.left.abort()
          if (places.get(id) === place) places.delete(id)
        }
      }
    },
    noticed: (id) => places.get(id)?.noticed.notify(),
    watched: () => [...places].flatMap(([id, place]) => (endOf(place) ? [] : [id])),
  }
}

function endOf({ events }: Place): TokenEvent | undefined {
  const last = events.at(-1)?.event
  return last?.event === 'end' ? last : undefined
}

import { setTimeout } from 'node:timers/promises'
import { AppError } from '#server/domain/errors.ts'
import { condense, type NumberedEvent } from '#server/domain/playground/token-stream.ts'
import type { TokenEvent } from '#server/domain/stream-events.ts'
import type { Store } from '#server/store/store.ts'
import { createWake, type Wake } from '#server/usecases/wake.ts'
import { isGrowing } from './generation-access.ts'

/** Answers that another process writes, or wrote, as they are read from the store: once, however many watch. */
export type Elsewhere = {
  follow(id: string, afterSeq: number, until: AbortSignal): AsyncIterable<NumberedEvent[]>
  /** Something of it may be new. */
  noticed(id: string): void
  /** What is being followed here. */
  watched(): string[]
}

type Place = {
  /** All of it so far; `seq` of an event is its index plus one. */
  events: NumberedEvent[]
  noticed: Wake
  grown: Wake
  followers: number
  left: AbortController
  failure?: unknown
}

/** Whoever writes it appends more often than a screen needs it. */
const readEveryMs = 40
const awayCodes = ['unavailable', 'timeout']

export function createElsewhere(
  store: Pick<Store, 'findGeneration' | 'readEvents' | 'noteWatched'>,
  lookEveryMs: number,
): Elsewhere {
  const places = new Map<string, Place>()

  function open(id: string): Place {
    const waking = { noticed: createWake(), grown: createWake() }
    const place = { events: [], ...waking, followers: 0, left: new AbortController() }
    places.set(id, place)
    void store.noteWatched(id).catch(() => {})
    void read(id, place)
    return place
  }

  async function read(id: string, place: Place): Promise<void> {
    const { signal } = place.left
    try {
      while (!signal.aborted && !endOf(place)) {
        const rings = place.noticed.rings()
        for (const event of await freshOf(id, place.events.length)) place.events.push(event)
        place.grown.ring()
        if (endOf(place)) return
        await place.noticed.next(signal, lookEveryMs, rings)
        await setTimeout(readEveryMs)
      }
    } catch (error) {
      place.failure = error
      places.delete(id)
      place.grown.ring()
    }
  }

  async function freshOf(id: string, seq: number): Promise<NumberedEvent[]> {
    try {
      const found = await store.findGeneration(id)
      if (!found) throw new AppError('not-found', 'There is no such generation.')
      const fresh = await store.readEvents(id, seq)
      if (fresh.length > 0 || isGrowing(found.state)) return fresh
      // Its holder died and nobody has written its end yet.
      const state =
        found.state === 'done' || found.state === 'stopped' ? found.state : 'interrupted'
      return [{ seq: seq + 1, event: { event: 'end', data: { state } } }]
    } catch (error) {
      // Whoever watches waits for the database as whoever writes does.
      if (error instanceof AppError && awayCodes.includes(error.code)) return []
      throw error
    }
  }

  return {
    async *follow(id, afterSeq, until) {
      const place = places.get(id) ?? open(id)
      place.followers++
      try {
        let seq = Math.max(afterSeq, 0)
        while (!until.aborted) {
          const fresh = place.events.slice(seq)
          const end = endOf(place)
          const last = fresh.at(-1)
          if (last) {
            seq = last.seq
            yield condense(fresh)
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
    noticed: (id) => places.get(id)?.noticed.ring(),
    watched: () => [...places].flatMap(([id, place]) => (endOf(place) ? [] : [id])),
  }
}

function endOf({ events }: Place): TokenEvent | undefined {
  const last = events.at(-1)?.event
  return last?.event === 'end' ? last : undefined
}

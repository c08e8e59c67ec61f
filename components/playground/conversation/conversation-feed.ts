import { followEvents } from '#components/data/follow-events.ts'
import { pathOf } from '#components/data/queries.ts'
import type { AppError } from '#server/platform/model/errors.ts'
import { type Answer, emptyAnswer, reduceTokens } from '#server/playground/model/token-stream.ts'
import type { ConversationEvent, TokenEvent } from '#server/playground/views/token-events.ts'

export type FollowedGeneration = {
  answer: Answer
  connected: boolean
  /** `performance.now()` when something of it came last. */
  cameMs?: number
  failure?: AppError
}

/** The answers of one conversation, as far as they have come: many in one stream, each told apart to who shows it. */
export type ConversationFeed = {
  /** Follows these from their first event, those that are followed already excepted. */
  follow(ids: string[]): void
  get(id: string): FollowedGeneration
  /** Calls back when something of this generation came: for the first at once, then at the pace of reading. */
  subscribe(id: string, onChange: () => void): () => void
  close(): void
}

const nothing: FollowedGeneration = { answer: emptyAnswer, connected: false }
/** As many as the server takes into one stream. */
const idsMax = 40
const tellEveryMs = 80

/**
 * The server owns generations: leaving this page does not end one, and coming back finds all of it. Tokens are taken in
 * as they come; the first is shown at once, the others at the pace of reading.
 */
export function createConversationFeed(conversation: string): ConversationFeed {
  const followed = new Map<string, FollowedGeneration>()
  const listeners = new Map<string, Set<() => void>>()
  const changed = new Set<string>()
  let ending = new AbortController()
  let next: ReturnType<typeof setTimeout> | undefined
  const toldMs = new Map<string, number>()

  /** One generation at a time, the one that waits longest: between two of them the page can answer its reader. */
  function tell() {
    next = undefined
    const [id] = [...changed].sort((a, b) => dueMs(a) - dueMs(b))
    if (id === undefined) return
    const earlyMs = dueMs(id) - performance.now()
    if (earlyMs > 0) {
      next = setTimeout(tell, earlyMs)
      return
    }
    changed.delete(id)
    toldMs.set(id, performance.now())
    for (const listener of listeners.get(id) ?? []) listener()
    if (changed.size > 0) next = setTimeout(tell)
  }

  function dueMs(id: string): number {
    return (toldMs.get(id) ?? Number.NEGATIVE_INFINITY) + tellEveryMs
  }

  function change(id: string, to: Partial<FollowedGeneration>) {
    followed.set(id, { ...(followed.get(id) ?? nothing), ...to })
    changed.add(id)
    next ??= setTimeout(tell)
  }

  function open(ids: string[]) {
    const over = new AbortController()
    const running = () => ids.filter((id) => !isWhole(followed.get(id)))
    ending.signal.addEventListener('abort', () => over.abort(), { signal: over.signal })
    const query = new URLSearchParams({ generations: ids.join(',') })
    followEvents(`${pathOf('conversations', conversation, 'events')}?${query}`, {
      events: ['delta', 'usage', 'end', 'unsaved', 'away'],
      signal: over.signal,
      onConnected: (connected) => {
        for (const id of running()) change(id, { connected })
      },
      onFailed: (failure) => {
        for (const id of running()) change(id, { failure })
      },
      onEvent: ({ event, data, id: cursor }) => {
        const { of, ...rest } = data as ConversationEvent['data']
        const id = ids[of]
        if (id === undefined) return
        const { answer } = followed.get(id) ?? nothing
        const seq = Number(cursor.split('.')[of])
        const grown = reduceTokens(answer, seq, { event, data: rest } as TokenEvent)
        const came = event === 'away' ? {} : { cameMs: performance.now() }
        change(id, { answer: grown, connected: true, ...came })
        if (running().length === 0) over.abort()
      },
    })
  }

  return {
    follow(ids) {
      const fresh = ids.filter((id) => !followed.has(id))
      for (const id of fresh) followed.set(id, nothing)
      for (let at = 0; at < fresh.length; at += idsMax) open(fresh.slice(at, at + idsMax))
    },
    get: (id) => followed.get(id) ?? nothing,
    subscribe(id, onChange) {
      const those = listeners.get(id) ?? new Set()
      listeners.set(id, those.add(onChange))
      return () => those.delete(onChange)
    },
    close() {
      ending.abort()
      ending = new AbortController()
      clearTimeout(next)
      next = undefined
      // Whoever opens it again reads what runs anew; what has ended is whole.
      for (const [id, one] of followed) if (!isWhole(one)) followed.delete(id)
    },
  }
}

/** Its end came, and is stored: nothing follows. */
function isWhole(one: FollowedGeneration | undefined): boolean {
  return one?.answer.end !== undefined && one.answer.kept === undefined
}

import { AppError } from '#server/domain/errors.ts'
import {
  canJoin,
  emptyAnswer,
  joinDeltas,
  type NumberedEvent,
  reduceTokens,
} from '#server/domain/playground/token-stream.ts'
import type { TokenDelta, TokenEvent } from '#server/domain/stream-events.ts'
import type { ChatPart } from '#server/inference/chat-stream.ts'
import type { Log } from '#server/log.ts'
import type { Store } from '#server/store/store.ts'
import { createWake, type Wake } from '#server/usecases/wake.ts'
import { createAnswerMeter } from './answer-meter.ts'

export type StopReason = 'stopped' | 'unwatched' | 'interrupted' | 'overrun' | 'lost'

export type NewGeneration = {
  id: string
  owner: string
  /** Of whoever asked: an answer that fails tells it. */
  requestId?: string
  /** `performance.now()` when it was asked for. */
  askedMs: number
  maxTokens: number
  /** The text that it begins with, of the answer that it continues. */
  begun?: TokenDelta
  /** Resolves when the store knows it; what is written before that waits. Where it rejects, all of it is dropped. */
  stored: Promise<unknown>
}

/** A generation that this process streams: its events in memory for those who watch here, in the store for all others. */
export type LiveGeneration = {
  id: string
  owner: string
  /** `seq` of an event is its index plus one. */
  events: NumberedEvent[]
  wake: Wake
  isOver(): boolean
  stop(reason: StopReason): void
  /** Resolves when its end is in the store. */
  settled: Promise<void>
}

/** Tokens that come faster than a screen shows them travel together; a slower one is never held back. */
const paceMs = 16
const usageEveryMs = 1000
const flushEveryMs = 100
const retryMs = { first: 200, most: 5000 }
/** A chunk is a token or more: an engine that sends so many more than were asked for does not stop by itself. */
const overrunTokens = 256

export function streamGeneration(
  store: Pick<Store, 'appendEvents' | 'endGeneration'>,
  log: Log,
  generation: NewGeneration,
  ask: (signal: AbortSignal) => AsyncIterable<ChatPart>,
): LiveGeneration {
  const { id, owner, askedMs, maxTokens, begun, stored } = generation
  const stopping = new AbortController()
  const events: NumberedEvent[] = []
  const wake = createWake()
  const changed = createWake()
  const finished = createWake()
  const meter = createAnswerMeter(askedMs)
  let over = false
  let waiting: TokenDelta | undefined
  let emittedMs = Number.NEGATIVE_INFINITY
  let pace: NodeJS.Timeout | undefined
  let usageMs = 0

  const stop = (reason: StopReason) => stopping.abort(reason)

  function emit(event: TokenEvent) {
    events.push({ seq: events.length + 1, event })
    wake.ring()
    changed.ring()
  }

  function emitWaiting() {
    clearTimeout(pace)
    pace = undefined
    if (!waiting) return
    emittedMs = performance.now()
    emit({ event: 'delta', data: waiting })
    waiting = undefined
  }

  function take(part: ChatPart) {
    if (part.type === 'usage') return meter.counted(part)
    const now = performance.now()
    if (part.type === 'accepted') return meter.accepted(now)
    if (part.type !== 'delta') return
    if (meter.token(now, part.delta) > maxTokens + overrunTokens) stop('overrun')
    if (waiting && !canJoin(waiting, part.delta)) emitWaiting()
    waiting = waiting ? joinDeltas(waiting, part.delta) : part.delta
    if (now - emittedMs >= paceMs) emitWaiting()
    else pace ??= setTimeout(emitWaiting, paceMs - (now - emittedMs))
    if (now - usageMs >= usageEveryMs && events.length > 0) {
      usageMs = now
      emit({ event: 'usage', data: meter.usage() })
    }
  }

  async function run(): Promise<TokenEvent & { event: 'end' }> {
    let finishReason: string | undefined
    try {
      for await (const part of ask(stopping.signal)) {
        if (stopping.signal.aborted) break
        if (part.type === 'finish') finishReason = part.reason
        else take(part)
      }
      if (!stopping.signal.aborted) {
        const usage = meter.usage()
        return { event: 'end', data: { state: 'done', finishReason, usage } }
      }
    } catch (error) {
      if (!stopping.signal.aborted) {
        return { event: 'end', data: { state: 'failed', ...failureOf(error, log, generation) } }
      }
    }
    const reason = stopping.signal.reason
    const state = reason === 'interrupted' || reason === 'lost' ? 'interrupted' : 'stopped'
    const data = { state, finishReason: String(reason), usage: meter.usage() } as const
    return { event: 'end', data }
  }

  async function keepEnd() {
    const { reasoning, content, usage, end } = events.reduce(
      (answer, { seq, event }) => reduceTokens(answer, seq, event),
      emptyAnswer,
    )
    if (end) await store.endGeneration(id, { reasoning, content, usage, ...end })
  }

  async function persist() {
    try {
      await stored
    } catch {
      // Whoever asked has been told that it was not taken.
      return stop('lost')
    }
    let saved = 0
    const never = new AbortController().signal
    for (let failures = 0; ; ) {
      if (saved < events.length) {
        const batch = events.slice(saved).map(({ event }) => event)
        try {
          await store.appendEvents(id, saved + 1, batch)
          saved += batch.length
          failures = 0
        } catch (error) {
          // Its conversation was deleted while it was written.
          if (error instanceof AppError && error.code === 'not-found') return stop('lost')
          log.warn({ err: error, generation: id }, 'tokens could not be stored yet')
          const waitMs = Math.min(retryMs.most, retryMs.first * 2 ** failures++)
          await new Promise((resolve) => setTimeout(resolve, waitMs))
          continue
        }
      }
      if (saved < events.length) continue
      const last = events.at(-1)?.event
      if (last?.event === 'end') return keepEnd()
      await changed.next(never)
      // The first token is stored at once, those after it in batches.
      if (saved > 0 && !over) await finished.next(never, flushEveryMs)
    }
  }

  if (begun) emit({ event: 'delta', data: begun })
  const streamed = run().then((end) => {
    emitWaiting()
    over = true
    emit(end)
    finished.ring()
  })
  const settled = Promise.all([streamed, persist()]).then(
    () => undefined,
    (error) => log.error({ err: error, generation: id }, 'the end of a generation was not stored'),
  )
  return {
    id,
    owner,
    events,
    wake,
    settled,
    isOver: () => over,
    stop,
  }
}

function failureOf(error: unknown, log: Log, { id, requestId }: NewGeneration) {
  const fields = { err: error, generation: id, requestId }
  if (!(error instanceof AppError)) log.error(fields, 'a generation failed')
  else log.warn(fields, 'an answer was not given whole')
  const told =
    error instanceof AppError
      ? error
      : new AppError('internal', 'Something went wrong on our side.', { cause: error })
  const { key, values, retryAfterSeconds } = told.details
  const { code, message } = told
  return { error: { code, message, requestId, key, values, retryAfterSeconds } }
}

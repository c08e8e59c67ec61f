import type { ChatPart } from '#server/platform/inference/chat-stream.ts'
import type {
  GenerationUsage,
  TokenDelta,
} from '#server/platform/inference/model/generation-usage.ts'
import type { WaitingPart } from '#server/platform/inference/stream-when-ready.ts'
import type { Log } from '#server/platform/log.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { isRefusedForGood } from '#server/platform/postgres/translate-failure.ts'
import { pause } from '#server/platform/time/backoff.ts'
import { type ChangeSignal, createChangeSignal } from '#server/platform/time/change-signal.ts'
import {
  canJoin,
  emptyAnswer,
  joinDeltas,
  type NumberedEvent,
  reduceTokens,
} from '#server/playground/model/token-stream.ts'
import type { StoredTokenEvent } from '#server/playground/views/token-events.ts'
import type { Store } from '#server/store.ts'
import { createAnswerMeter } from './answer-meter.ts'

export type StopReason =
  | 'stopped'
  | 'unwatched'
  | 'interrupted'
  | 'overrun'
  | 'lost'
  | 'withdrawn'
  | 'refused'

export type NewGeneration = {
  id: string
  owner: string
  /** Of whoever asked: an answer that fails tells it. */
  requestId?: string
  /** `performance.now()` when it was asked for. */
  askedMs: number
  maxTokens: number
  /** Whether the owner may still use the binding that it is written through. */
  mayGoOn?: () => Promise<boolean>
  /** The text that it begins with, of the answer that it continues. */
  begun?: TokenDelta
  /** Resolves when the store knows it; what is written before that waits. Where it rejects, all of it is dropped. */
  stored: Promise<unknown>
}

/** A generation that this process streams. Who watches it here is shown what the store has, which any other process can. */
export type LiveGeneration = {
  id: string
  owner: string
  /** `seq` of an event is its index plus one. */
  events: NumberedEvent<StoredTokenEvent>[]
  /** So many of the events are stored. */
  stored(): number
  /** The store has not answered for a while: the other events are shown as what they are. */
  isUnsaved(): boolean
  wake: ChangeSignal
  isOver(): boolean
  mayGoOn: () => Promise<boolean>
  stop(reason: StopReason): void
  /** Resolves when its end is in the store. */
  settled: Promise<void>
}

/** Tokens that come while the store takes others travel together; unsaved ones come faster than a screen shows them. */
const unsavedPaceMs = 16
const usageEveryMs = 1000
const retryMs = { first: 200, most: 5000 }
/** A chunk is a token or more: an engine that sends so many more than were asked for does not stop by itself. */
const overrunTokens = 256

const notStoredKey = 'generation.notStored'
const notStoredText =
  'The database refused to store this answer, so it was ended. Ask again; tell whoever runs Bindery if it happens again.'

export function streamGeneration(
  store: Pick<Store, 'appendEvents' | 'endGeneration' | 'tidyEvents'>,
  log: Log,
  generation: NewGeneration,
  ask: (signal: AbortSignal) => AsyncIterable<ChatPart | WaitingPart>,
  unsavedAfterMs: number,
): LiveGeneration {
  const { id, owner, requestId, askedMs, maxTokens, begun, stored } = generation
  const stopping = new AbortController()
  const events: LiveGeneration['events'] = []
  const wake = createChangeSignal()
  const changed = createChangeSignal()
  const meter = createAnswerMeter(askedMs)
  let over = false
  let saved = 0
  let unsaved = false
  let lost = false
  let refused = false
  let waiting: TokenDelta | undefined
  let pace: NodeJS.Timeout | undefined
  let usageMs = 0
  /** Tokens that the engine was allowed: fewer than requested where the day's quota had no more. */
  let budget = maxTokens

  const stop = (reason: StopReason) => stopping.abort(reason)

  function emit(event: StoredTokenEvent) {
    events.push({ seq: events.length + 1, event })
  }

  function emitWaiting() {
    if (waiting) emit({ event: 'delta', data: waiting })
    waiting = undefined
  }

  function showUnsaved() {
    clearTimeout(pace)
    pace = undefined
    if (!unsaved) return
    emitWaiting()
    wake.notify()
  }

  function take(part: ChatPart | WaitingPart) {
    if (part.type === 'waiting') {
      emit({ event: 'usage', data: { ...meter.usage(), waitingFor: part.for } })
      return changed.notify()
    }
    if (part.type === 'usage') return meter.counted(part)
    const now = performance.now()
    if (part.type === 'accepted') {
      budget = Math.min(maxTokens, part.maxTokens ?? maxTokens)
      return meter.accepted(now, part.ignored)
    }
    if (part.type !== 'delta' || refused) return
    if (meter.token(now, part.delta) > maxTokens + overrunTokens) stop('overrun')
    if (waiting && !canJoin(waiting, part.delta)) emitWaiting()
    waiting = waiting ? joinDeltas(waiting, part.delta) : part.delta
    if (now - usageMs >= usageEveryMs && events.length > 0) {
      usageMs = now
      emitWaiting()
      emit({ event: 'usage', data: meter.usage() })
    }
    changed.notify()
    if (unsaved) pace ??= setTimeout(showUnsaved, unsavedPaceMs)
  }

  async function run(): Promise<StoredTokenEvent & { event: 'end' }> {
    let finishReason: string | undefined
    try {
      for await (const part of ask(stopping.signal)) {
        if (stopping.signal.aborted) break
        if (part.type === 'finish') finishReason = part.reason
        else take(part)
      }
      if (!stopping.signal.aborted) {
        const usage = meter.usage()
        const reason = finishReason === 'length' ? whyCut(usage) : finishReason
        return { event: 'end', data: { state: 'done', finishReason: reason, usage } }
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

  /** `length` has three causes: the budget that was requested, the day's quota, and a context that is full before. */
  function whyCut({ completionTokens, estimated }: GenerationUsage): string {
    if (!estimated && completionTokens < budget) return 'context'
    return budget < maxTokens ? 'quota' : 'length'
  }

  async function append(firstSeq: number, batch: StoredTokenEvent[]): Promise<void> {
    if (batch.at(-1)?.event !== 'end') return store.appendEvents(id, firstSeq, batch)
    const { reasoning, content, usage, end } = events.reduce(
      (answer, { seq, event }) => reduceTokens(answer, seq, event),
      emptyAnswer,
    )
    const last = { firstSeq, events: batch }
    if (end) await store.endGeneration(id, { reasoning, content, usage, ...end, last })
  }

  /**
   * PostgreSQL will never take what was written: what it has stays, and the answer ends with the reason. The events keep
   * their numbers, which those who watch may have seen already.
   */
  function refuse(error: unknown) {
    log.error({ err: error, generation: id, requestId }, 'the database refused an answer')
    refused = true
    stop('refused')
    waiting = undefined
    for (let at = saved; at < events.length; at++) {
      events[at] = { seq: at + 1, event: { event: 'usage', data: meter.usage() } }
    }
    const told = { code: 'internal' as const, message: notStoredText, requestId, key: notStoredKey }
    emit({ event: 'end', data: { state: 'failed', error: told } })
    over = true
  }

  /** Takes whatever has come; as often as it must where the store does not answer. */
  async function saveOnce() {
    const late = setTimeout(() => {
      unsaved = true
      showUnsaved()
    }, unsavedAfterMs)
    try {
      for (let failures = 0; ; failures++) {
        emitWaiting()
        const batch = events.slice(saved).map(({ event }) => event)
        try {
          await append(saved + 1, batch)
          saved += batch.length
          return
        } catch (error) {
          if (error instanceof AppError && error.code === 'not-found') throw error
          if (isRefusedForGood(error)) {
            if (refused) throw error
            refuse(error)
            continue
          }
          log.warn({ err: error, generation: id }, 'tokens could not be stored yet')
          const waitMs = Math.min(retryMs.most, retryMs.first * 2 ** failures)
          await pause(waitMs)
        }
      }
    } finally {
      clearTimeout(late)
      unsaved = false
      wake.notify()
    }
  }

  async function persist() {
    try {
      await stored
      const never = new AbortController().signal
      while (!over || saved < events.length) {
        if (waiting || saved < events.length) await saveOnce()
        else await changed.next(never)
      }
    } catch {
      // It was not taken, which whoever asked has been told, or its conversation was deleted while it was written.
      lost = true
      return stop('lost')
    }
    await store.tidyEvents(id).catch((err) => log.warn({ err, generation: id }, 'rows stay small'))
  }

  if (begun) emit({ event: 'delta', data: begun })
  const streamed = run().then((end) => {
    if (!refused) {
      emitWaiting()
      over = true
      emit(end)
    }
    changed.notify()
    if (unsaved || lost) wake.notify()
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
    // Of what the store has no place for, whoever still looks is told all.
    stored: () => (lost ? events.length : saved),
    isUnsaved: () => unsaved,
    isOver: () => over,
    mayGoOn: generation.mayGoOn ?? (async () => true),
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

import type {
  GenerationUsage,
  TokenDelta,
} from '#server/platform/inference/model/generation-usage.ts'
import type { ErrorBody } from '#server/platform/model/errors.ts'

/**
 * `GET /api/generations/:id/events`: the id is the sequence number of the event, from 1. What has one is stored, and
 * comes again to whoever asks.
 */
export type TokenEvent = StoredTokenEvent | UnsavedTokenEvent | AwayTokenEvent

export type StoredTokenEvent =
  | { event: 'delta'; data: TokenDelta }
  | { event: 'usage'; data: GenerationUsage }
  | {
      event: 'end'
      data: {
        state: 'done' | 'stopped' | 'interrupted' | 'failed'
        finishReason?: string
        usage?: GenerationUsage
        /** Of `failed`: what the engine or the gateway said. What came before it stands. */
        error?: ErrorBody['error']
      }
    }

/**
 * While the database does not answer: what goes on behind the stored events, under the id of the last of these.
 * `from`: how many of it came before; 0 begins anew. The next stored event takes the place of all of it.
 */
export type UnsavedTokenEvent = {
  event: 'unsaved'
  data: { from: number; events: StoredTokenEvent[] }
}

/** Whether the process that writes it has given no sign of life for some seconds; under the id of the last stored event. */
export type AwayTokenEvent = { event: 'away'; data: { away: boolean } }

/**
 * `GET /api/conversations/:id/events?generations=a,b`: several answers in one stream. `of` is the place of the
 * generation in the query; the id holds a sequence number for each, as `12.40`.
 */
export type ConversationEvent = {
  event: TokenEvent['event']
  data: TokenEvent['data'] & { of: number }
}

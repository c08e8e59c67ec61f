import type { ErrorBody } from './errors.ts'
import type { LogContainer, LogGap } from './runs/run-log-views.ts'
import type {
  BindingView,
  LogLine,
  ModelServiceView,
  RunState,
  RunView,
  StepView,
} from './views.ts'

/**
 * Server-sent events, one grammar for everything that is live. Each has an `id:` that a reconnecting browser sends
 * back as `Last-Event-ID`. `bye` asks the client to reconnect (maximum life reached, or the server drains); `failed` is final and
 * carries an ErrorBody.
 */
export type ListKind = 'services' | 'bindings' | 'runs'

export type ListViews = { services: ModelServiceView; bindings: BindingView; runs: RunView }

/** `GET /api/stream?kinds=bindings,runs`: a snapshot per kind, then changes. A snapshot may come again at any time. */
export type ListEvent = {
  [K in ListKind]:
    | { event: 'snapshot'; data: { kind: K; items: ListViews[K][] } }
    | { event: 'upsert'; data: { kind: K; item: ListViews[K] } }
    | { event: 'remove'; data: { kind: K; id: string } }
}[ListKind]

/**
 * `GET /api/runs/:namespace/:name/log`: rows in the order of the steps; with `?container=` those of one sidecar or init
 * container. The id is the cursor `step@timestamp#count~row`; it is given only where whole lines end.
 */
export type LogEvent =
  | { event: 'lines'; data: { lines: LogLine[] } }
  /** The rows before this one were not asked for. */
  | { event: 'tail'; data: { from: number } }
  | {
      event: 'steps'
      data: { state: RunState; steps: StepView[]; failedStep?: string; attempt: number }
    }
  /** What else ran in the pod and has a log of its own, to be asked for by `?container=`. */
  | { event: 'containers'; data: { containers: LogContainer[] } }
  | { event: 'gap'; data: LogGap }
  /** This reader takes rows more slowly than they come, and is so many behind; 0 once it has caught up. */
  | { event: 'behind'; data: { rows: number } }
  | { event: 'end'; data: { state: RunState; rows: number } }

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

/** What to append. `moved`: all content before this event turned out to be reasoning (a lone `</think>` came). */
export type TokenDelta = { reasoning?: string; content?: string; moved?: boolean }

export type GenerationUsage = {
  promptTokens: number
  completionTokens: number
  /** Milliseconds from the request at the web to the first token. */
  ttftMs?: number
  /** Of these, from the request at the web until the engine had taken the question; the rest is its queue and prompt. */
  acceptedMs?: number
  /** As the engine says, where it does: until it began with the question, and from then to its first token. */
  queueMs?: number
  promptMs?: number
  /** Of the completion tokens, those of the reasoning, its marks included. */
  reasoningTokens?: number
  /** Completion tokens after the first, over the time between first and last token, per second. */
  decodeRate?: number
  /** The engine has not said how many; these are the chunks that came. */
  estimated?: boolean
}

/** `renewed`: the reader's groups or name are others now, and so is what they may see. */
export type ByeReason = 'max-life' | 'draining' | 'renewed'

export type ControlEvent =
  | { event: 'bye'; data: { reason: ByeReason } }
  | { event: 'failed'; data: ErrorBody }

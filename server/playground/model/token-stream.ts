import type {
  GenerationUsage,
  TokenDelta,
} from '#server/platform/inference/model/generation-usage.ts'
import type { ErrorBody } from '#server/platform/model/errors.ts'
import type { StoredTokenEvent, TokenEvent } from '#server/playground/views/token-events.ts'

/** A generation as far as its events have come. */
export type Answer = {
  /** Number of the last event taken in; what a reconnecting viewer asks to go on from. */
  seq: number
  reasoning: string
  content: string
  usage?: GenerationUsage
  end?: {
    state: 'done' | 'stopped' | 'interrupted' | 'failed'
    finishReason?: string
    error?: ErrorBody['error']
  }
  /** The process that writes it gives no sign of life. */
  away?: true
  /** Where more is shown than the server could store so far: what it has stored. */
  kept?: Answer
}

export const emptyAnswer: Answer = { seq: 0, reasoning: '', content: '' }

/** The answer after one more event. An event that was seen before changes nothing, so a replay is harmless. */
export function reduceTokens(answer: Answer, seq: number, event: TokenEvent): Answer {
  if (event.event === 'unsaved') return withUnsaved(answer, event.data)
  const { away: _, ...present } = answer
  if (event.event === 'away') return event.data.away ? { ...answer, away: true } : present
  return seq <= answer.seq ? answer : reduceStored(answer.kept ?? present, seq, event)
}

function withUnsaved(
  answer: Answer,
  { from, events }: { from: number; events: StoredTokenEvent[] },
): Answer {
  const kept = answer.kept ?? answer
  const shown = events.reduce(
    (grown, event) => reduceStored(grown, kept.seq, event),
    from === 0 ? kept : answer,
  )
  return { ...shown, kept }
}

function reduceStored(answer: Answer, seq: number, event: StoredTokenEvent): Answer {
  switch (event.event) {
    case 'delta': {
      const { reasoning = '', content = '', moved } = event.data
      const before = moved
        ? { reasoning: answer.reasoning + answer.content, content: '' }
        : { reasoning: answer.reasoning, content: answer.content }
      return {
        ...answer,
        seq,
        reasoning: before.reasoning + reasoning,
        content: before.content + content,
      }
    }
    case 'usage':
      return { ...answer, seq, usage: event.data }
    case 'end': {
      const { usage = answer.usage, ...end } = event.data
      return { ...answer, seq, usage, end }
    }
  }
}

/** Two deltas as one: what a late viewer is sent instead of thousands of small ones. */
export function joinDeltas(first: TokenDelta, second: TokenDelta): TokenDelta {
  const joined: TokenDelta = {}
  const reasoning =
    (first.reasoning ?? '') + (second.moved ? (first.content ?? '') : '') + (second.reasoning ?? '')
  const content = (second.moved ? '' : (first.content ?? '')) + (second.content ?? '')
  if (reasoning) joined.reasoning = reasoning
  if (content) joined.content = content
  if (first.moved || second.moved) joined.moved = true
  return joined
}

export type NumberedEvent<E extends TokenEvent = TokenEvent> = { seq: number; event: E }

/** The same events in fewer: neighbouring deltas are joined under the number of the last one, older usage is dropped. */
export function condense(events: NumberedEvent[], charsMax = 16_384): NumberedEvent[] {
  const condensed: NumberedEvent[] = []
  for (const next of events) {
    const last = condensed.at(-1)
    if (
      last?.event.event === 'delta' &&
      next.event.event === 'delta' &&
      canJoin(last.event.data, next.event.data)
    ) {
      const data = joinDeltas(last.event.data, next.event.data)
      if ((data.reasoning?.length ?? 0) + (data.content?.length ?? 0) <= charsMax) {
        condensed[condensed.length - 1] = { seq: next.seq, event: { event: 'delta', data } }
        continue
      }
    }
    if (last?.event.event === 'usage' && next.event.event === 'usage') condensed.pop()
    condensed.push(next)
  }
  return condensed
}

/** Reasoning that came before a move stands before what was moved: one delta could not say so. */
export function canJoin(first: TokenDelta, second: TokenDelta): boolean {
  return !second.moved || first.moved === true || !first.reasoning
}

/** True where the budget, the context or the quota ended inside the reasoning: there is no answer, and that is not an empty answer. */
export function ranOutWhileThinking(answer: Answer): boolean {
  const { finishReason = '' } = answer.end ?? {}
  return ['length', 'context', 'quota'].includes(finishReason) && answer.content.trim() === ''
}

import type { CountedTokens } from '#server/platform/inference/chat-stream.ts'
import type {
  GenerationUsage,
  TokenDelta,
} from '#server/platform/inference/model/generation-usage.ts'

/** A rate over less time says more of the network's buffers than of the engine. */
const rateMsMin = 100

/**
 * Measures one answer. TTFT is first token minus request; the decode rate leaves the first token and the wait for it
 * out. Tokens are what the engine says, but never fewer than the chunks that came. Tokens of thought are those that were
 * counted when the answer began, unless the engine says how many.
 */
export function createAnswerMeter(askedMs: number) {
  let chunks = 0
  let firstMs = 0
  let lastMs = 0
  let acceptedMs: number | undefined
  let ignored: string[] = []
  const counted: CountedTokens = {}
  let thought = false
  let answerFrom: number | undefined

  return {
    accepted(now: number, notTaken: string[] = []) {
      acceptedMs = now
      ignored = notTaken
    },
    /** One chunk of text; answers how many have come. */
    token(now: number, delta: TokenDelta) {
      const before = Math.max(counted.completionTokens ?? 0, chunks)
      if (delta.reasoning || delta.moved) thought = true
      if (delta.moved) answerFrom = undefined
      if (delta.content && thought) answerFrom ??= before
      chunks++
      if (chunks === 1) firstMs = now
      lastMs = now
      return chunks
    },
    /** What is missing in it stays as it was said before. */
    counted(said: CountedTokens) {
      for (const name of countNames) {
        const value = said[name]
        if (value !== undefined) counted[name] = name.endsWith('Ms') ? tenths(value) : value
      }
    },
    usage(): GenerationUsage {
      const { promptTokens = 0, completionTokens: said = 0, reasoningTokens, ...took } = counted
      const completionTokens = Math.max(said, chunks)
      const thoughtTokens =
        reasoningTokens ?? (thought ? (answerFrom ?? completionTokens) : undefined)
      const seconds = (lastMs - firstMs) / 1000
      const isMeasured = seconds * 1000 >= rateMsMin && completionTokens > 1
      return {
        promptTokens,
        completionTokens,
        ...(thoughtTokens === undefined
          ? {}
          : { reasoningTokens: Math.min(thoughtTokens, completionTokens) }),
        ...took,
        ...(ignored.length > 0 ? { ignored } : {}),
        ...(counted.completionTokens === undefined ? { estimated: true } : {}),
        ...(acceptedMs === undefined ? {} : { acceptedMs: tenths(acceptedMs - askedMs) }),
        ...(chunks > 0 ? { ttftMs: tenths(firstMs - askedMs) } : {}),
        ...(isMeasured ? { decodeRate: tenths((completionTokens - 1) / seconds) } : {}),
      }
    },
  }
}

const countNames = [
  ...(['promptTokens', 'completionTokens', 'reasoningTokens', 'queueMs', 'promptMs'] as const),
]

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}

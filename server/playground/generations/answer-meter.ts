import type { CountedTokens } from '#server/platform/inference/chat-stream.ts'
import type {
  GenerationUsage,
  TokenDelta,
} from '#server/platform/inference/model/generation-usage.ts'

/**
 * Measures one answer. TTFT is first token minus request; the decode rate leaves the first token and the wait for it
 * out. Tokens of thought are those that were counted when the answer began, unless the engine says how many.
 */
export function createAnswerMeter(askedMs: number) {
  let chunks = 0
  let firstMs = 0
  let lastMs = 0
  let acceptedMs: number | undefined
  let counted: CountedTokens | undefined
  let thought = false
  let answerFrom: number | undefined

  return {
    accepted(now: number) {
      acceptedMs = now
    },
    /** One chunk of text; answers how many have come. */
    token(now: number, delta: TokenDelta) {
      const before = counted?.completionTokens ?? chunks
      if (delta.reasoning || delta.moved) thought = true
      if (delta.moved) answerFrom = undefined
      if (delta.content && thought) answerFrom ??= before
      chunks++
      if (chunks === 1) firstMs = now
      lastMs = now
      return chunks
    },
    counted({ promptTokens, completionTokens, reasoningTokens, ...took }: CountedTokens) {
      counted = {
        promptTokens,
        completionTokens,
        ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
        ...(took.queueMs === undefined ? {} : { queueMs: tenths(took.queueMs) }),
        ...(took.promptMs === undefined ? {} : { promptMs: tenths(took.promptMs) }),
      }
    },
    usage(): GenerationUsage {
      const tokens: CountedTokens & { estimated?: boolean } = counted ?? {
        promptTokens: 0,
        completionTokens: chunks,
        estimated: true,
      }
      const seconds = (lastMs - firstMs) / 1000
      return {
        ...(thought ? { reasoningTokens: answerFrom ?? tokens.completionTokens } : {}),
        ...tokens,
        ...(acceptedMs === undefined ? {} : { acceptedMs: tenths(acceptedMs - askedMs) }),
        ...(chunks > 0 ? { ttftMs: tenths(firstMs - askedMs) } : {}),
        ...(seconds > 0 && tokens.completionTokens > 1
          ? { decodeRate: tenths((tokens.completionTokens - 1) / seconds) }
          : {}),
      }
    },
  }
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}

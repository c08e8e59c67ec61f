import type { ChatMessage } from './chat-messages.ts'
import type { SamplingChoice } from './sampling-schema.ts'

/** What OpenAI's own API has, and what vLLM, SGLang and llama.cpp have besides. */
export type CompletionBody = {
  standard: {
    model: string
    messages: ChatMessage[]
    temperature: number
    top_p: number
    max_tokens: number
    seed?: number
    stop?: string[]
  }
  extra: {
    top_k?: number
    repetition_penalty?: number
    repetition_detection?: { min_pattern_size: number; max_pattern_size: number; min_count: number }
  }
}

/** In tokens: from a phrase to a page, four times on end. */
const repetition = { min_pattern_size: 8, max_pattern_size: 512, min_count: 4 }

/** A question with every sampling value, as an OpenAI-compatible server takes it. */
export function completionBody(
  model: string,
  messages: ChatMessage[],
  sampling: SamplingChoice,
): CompletionBody {
  const { temperature, topP, topK, maxTokens, seed, stop, repetitionPenalty } = sampling
  return {
    standard: {
      model,
      messages,
      temperature,
      top_p: topP,
      max_tokens: maxTokens,
      ...(seed === undefined ? {} : { seed }),
      ...(stop?.length ? { stop } : {}),
    },
    extra: {
      ...(topK > 0 ? { top_k: topK } : {}),
      ...(repetitionPenalty === undefined || repetitionPenalty === 1
        ? {}
        : { repetition_penalty: repetitionPenalty }),
      ...(sampling.repetitionDetection ? { repetition_detection: repetition } : {}),
    },
  }
}

import { createParser } from 'eventsource-parser'
import { AppError } from '#server/platform/model/errors.ts'
import { createStorableText } from '#server/platform/model/storable-text.ts'
import { type ChatChunk, chatChunkSchema, parseJson } from './chat-chunk.ts'
import { askGateway, type GatewayClient, type OnBehalf } from './gateway-client.ts'
import type { ChatMessage } from './model/chat-messages.ts'
import { completionBody } from './model/completion-body.ts'
import type { TokenDelta } from './model/generation-usage.ts'
import type { SamplingChoice } from './model/sampling-schema.ts'
import { createThinkSplitter } from './model/think-splitter.ts'
import { translateEngineError, translateEngineFailure } from './translate-engine-error.ts'

export type CountedTokens = {
  promptTokens: number
  completionTokens: number
  reasoningTokens?: number
  /** Until the engine began with it, and from then to its first token; where it says so. */
  queueMs?: number
  promptMs?: number
}

export type ChatPart =
  /** The engine has taken the question; from here on it is in its queue. */
  | { type: 'accepted' }
  | { type: 'delta'; delta: TokenDelta }
  /** As the engine counted; may come many times, the last one is right. */
  | ({ type: 'usage' } & CountedTokens)
  | { type: 'finish'; reason: string }

export type ChatQuestion = {
  model: string
  /** Where the last is the assistant's, the engine is asked to go on with it. */
  messages: ChatMessage[]
  sampling: SamplingChoice
  /** Where the assistant's message stands that is gone on with. */
  from?: 'thinking' | 'answer'
}

/**
 * Asks the gateway for one streamed answer. Ends after the engine's last word; throws an AppError where the gateway
 * refuses, the engine reports an error or the answer breaks off; aborting the signal stops the engine.
 */
export async function* streamChat(
  client: GatewayClient,
  question: ChatQuestion,
  onBehalf: OnBehalf,
): AsyncGenerator<ChatPart> {
  const answer = await askGateway(client, '/v1/chat/completions', onBehalf, bodyOf(question))
  yield { type: 'accepted' }
  const splitter = createThinkSplitter(question.from)
  const texts = { reasoning: createStorableText(), content: createStorableText() }
  const pending: ChatPart[] = []
  let finished = false
  let done = false

  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') done = true
      else if (!done) pending.push(...partsOf(parseChunk(data)))
    },
  })

  function partsOf(chunk: ChatChunk): ChatPart[] {
    const parts: ChatPart[] = []
    const choice = chunk.choices.find((one) => one.index === 0)
    if (choice) {
      const { content, reasoning, reasoning_content } = choice.delta
      const delta = splitter.push({
        // Some versions send both names with the same text.
        reasoning: texts.reasoning.push(reasoning || reasoning_content || '') || undefined,
        content: texts.content.push(content || '') || undefined,
      })
      if (delta) parts.push({ type: 'delta', delta })
      if (choice.finish_reason) {
        parts.push(...rest())
        parts.push({ type: 'finish', reason: choice.finish_reason })
        finished = true
      }
    }
    if (chunk.usage) {
      const { prompt_tokens, completion_tokens, completion_tokens_details } = chunk.usage
      const reasoningTokens = completion_tokens_details?.reasoning_tokens ?? undefined
      const { queue_time_ms: queueMs, time_to_first_token_ms: promptMs } = chunk.metrics ?? {}
      parts.push({
        type: 'usage',
        promptTokens: prompt_tokens,
        completionTokens: completion_tokens,
        ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
        ...(chunk.metrics ? { queueMs, promptMs } : {}),
      })
    }
    return parts
  }

  /** What was held back for a next chunk. */
  function rest(): ChatPart[] {
    const last = splitter.push({
      reasoning: texts.reasoning.finish() || undefined,
      content: texts.content.finish() || undefined,
    })
    return [last, splitter.finish()].flatMap((delta) => (delta ? [{ type: 'delta', delta }] : []))
  }

  const decoder = new TextDecoder()
  try {
    for await (const bytes of answer.body) {
      parser.feed(decoder.decode(bytes, { stream: true }))
      yield* pending.splice(0)
      if (done) return
    }
  } catch (error) {
    onBehalf.signal.throwIfAborted()
    yield* pending.splice(0)
    throw translateEngineFailure(error)
  }
  yield* rest()
  if (!finished) throw translateEngineFailure(undefined)
}

function parseChunk(data: string): ChatChunk {
  const parsed = chatChunkSchema.safeParse(parseJson(data))
  if (!parsed.success) {
    throw new AppError('bad-gateway', 'The model sent something that is no answer.', {
      cause: parsed.error,
      key: 'gateway.malformed',
    })
  }
  if (parsed.data.error) throw translateEngineError(parsed.data.error, undefined)
  return parsed.data
}

function bodyOf({ model, messages, sampling }: ChatQuestion): object {
  const { standard, extra } = completionBody(model, messages, sampling)
  return {
    ...standard,
    ...extra,
    ...(messages.at(-1)?.role === 'assistant'
      ? { continue_final_message: true, add_generation_prompt: false }
      : {}),
    stream: true,
    // The second makes a stopped answer's tokens known; servers that do not know it ignore it.
    stream_options: { include_usage: true, continuous_usage_stats: true },
  }
}

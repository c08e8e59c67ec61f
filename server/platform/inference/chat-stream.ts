import { createParser } from 'eventsource-parser'
import { AppError } from '#server/platform/model/errors.ts'
import { allowedTokensHeader, ignoredParametersHeader } from '#server/platform/model/names.ts'
import { createStorableText } from '#server/platform/model/storable-text.ts'
import { type ChatChunk, type ChunkUsage, readChunk } from './chat-chunk.ts'
import { askGateway, type GatewayClient, type OnBehalf } from './gateway-client.ts'
import type { ChatMessage } from './model/chat-messages.ts'
import { completionBody } from './model/completion-body.ts'
import type { TokenDelta } from './model/generation-usage.ts'
import type { SamplingChoice } from './model/sampling-schema.ts'
import { createThinkSplitter } from './model/think-splitter.ts'
import { translateEngineError, translateEngineFailure } from './translate-engine-error.ts'

export type CountedTokens = ChunkUsage & {
  /** Until the engine began with it, and from then to its first token; where it says so. */
  queueMs?: number
  promptMs?: number
}

export type ChatPart =
  /** The engine has taken the question. `maxTokens`: where the gateway allowed fewer than were requested; `ignored`: parameters that the engine does not have. */
  | { type: 'accepted'; maxTokens?: number; ignored?: string[] }
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
  const allowed = Number(answer.headers[allowedTokensHeader] ?? Number.NaN)
  const ignored = ignoredBy(answer.headers[ignoredParametersHeader])
  yield {
    type: 'accepted',
    ...(Number.isInteger(allowed) && { maxTokens: allowed }),
    ...(ignored.length > 0 && { ignored }),
  }
  const splitter = createThinkSplitter(question.from)
  const texts = { reasoning: createStorableText(), content: createStorableText() }
  const pending: ChatPart[] = []
  const seen = { text: false, finish: false, done: false, odd: false }

  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') seen.done = true
      else if (!seen.done && data.trim() !== '') take(data)
    },
  })

  function take(data: string) {
    const chunk = readChunk(data)
    if (chunk?.error) throw translateEngineError(chunk.error, undefined, { begun: seen.text })
    if (chunk) pending.push(...partsOf(chunk))
    // It costs nothing, unless the answer never comes to an end.
    if (!chunk || Object.keys(chunk).length === 0) seen.odd = true
  }

  function partsOf({ choice, usage, timings }: ChatChunk): ChatPart[] {
    const parts: ChatPart[] = []
    if (choice) {
      if (choice.reasoning || choice.content) seen.text = true
      const delta = splitter.push({
        reasoning: texts.reasoning.push(choice.reasoning) || undefined,
        content: texts.content.push(choice.content) || undefined,
      })
      if (delta) parts.push({ type: 'delta', delta })
      if (choice.finishReason) {
        parts.push(...rest())
        parts.push({ type: 'finish', reason: choice.finishReason })
        seen.finish = true
      }
    }
    if (usage || timings) parts.push({ type: 'usage', ...usage, ...timings })
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
      if (seen.done) return
    }
    // The last line may end with the stream.
    parser.feed(`${decoder.decode()}\n\n`)
    yield* pending.splice(0)
  } catch (error) {
    onBehalf.signal.throwIfAborted()
    yield* pending.splice(0)
    throw translateEngineFailure(error, seen.text)
  }
  yield* rest()
  if (seen.done || seen.finish) return
  if (seen.odd) {
    throw new AppError('bad-gateway', 'The model sent something that is no answer.', {
      key: 'gateway.malformed',
    })
  }
  throw translateEngineFailure(undefined, seen.text)
}

function ignoredBy(header: string | string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .filter((name) => /^[a-z_]{1,60}$/.test(name))
    .slice(0, 50)
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

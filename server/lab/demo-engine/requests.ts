import { z } from 'zod'
import { badRequest } from './api-error.ts'

export const samplesMax = 64
const seedMax = 2 ** 53

const finite = z.number().finite()
const sampling = {
  model: z.string().optional(),
  stream: z.boolean().nullish(),
  stream_options: z
    .object({ include_usage: z.boolean().nullish(), continuous_usage_stats: z.boolean().nullish() })
    .nullish(),
  n: z.int().min(1).max(samplesMax).nullish(),
  seed: z.int().min(-seedMax).max(seedMax).nullish(),
  temperature: finite.min(0).max(100).nullish(),
  top_p: finite.gt(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  min_p: finite.min(0).max(1).nullish(),
  presence_penalty: finite.min(-2).max(2).nullish(),
  frequency_penalty: finite.min(-2).max(2).nullish(),
  repetition_penalty: finite.gt(0).max(2).nullish(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(16)]).nullish(),
  include_stop_str_in_output: z.boolean().nullish(),
  max_tokens: z.int().min(1).nullish(),
  ignore_eos: z.boolean().nullish(),
  thinking_token_budget: z.int().min(0).nullish(),
  user: z.string().nullish(),
}

const part = z.object({ type: z.string(), text: z.string().optional() })
const message = z.object({
  role: z.string().min(1),
  content: z.union([z.string(), z.array(part)]).nullish(),
})

const chatSchema = z.object({
  ...sampling,
  messages: z.array(message).min(1).max(2000),
  max_completion_tokens: z.int().min(1).nullish(),
  continue_final_message: z.boolean().nullish(),
  add_generation_prompt: z.boolean().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().nullish(),
  tools: z.array(z.unknown()).nullish(),
  response_format: z.object({ type: z.string() }).nullish(),
})

const completionSchema = z.object({
  ...sampling,
  prompt: z.union([z.string(), z.array(z.string()).min(1).max(samplesMax)]),
  logprobs: z.int().nullish(),
  echo: z.boolean().nullish(),
  suffix: z.string().nullish(),
})

export type Turn = { role: string; text: string }

/** What both routes ask of the engine, read and defaulted. */
export type Generation = {
  /** The conversations to answer, each `n` times. */
  prompts: Turn[][]
  model: string | undefined
  n: number
  seed: number | undefined
  temperature: number
  stop: string[]
  includeStop: boolean
  tokensMax: number | undefined
  thinkingTokensMax: number | undefined
  /** The beginning of the answer, which is gone on with. */
  begun: string | undefined
  ignoreEnd: boolean
  stream: boolean
  includeUsage: boolean
  continuousUsage: boolean
  echo: boolean
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const param = issue?.path.join('.') || null
  throw badRequest(param ? `${param}: ${issue?.message}` : 'The body must be a JSON object.', param)
}

/** The body of `POST /v1/chat/completions`. Throws a 400 that names the field. */
export function parseChatRequest(body: unknown): Generation {
  const request = parsed(chatSchema, body)
  if (request.logprobs || request.top_logprobs)
    throw badRequest(
      'logprobs are not supported: this engine computes, it has no probabilities.',
      'logprobs',
    )
  if (request.tools?.length) throw badRequest('tools are not supported by this engine.', 'tools')
  if (request.response_format && request.response_format.type !== 'text')
    throw badRequest('Only response_format "text" is supported.', 'response_format')
  if (request.continue_final_message && request.add_generation_prompt !== false)
    throw badRequest(
      'Cannot set both `continue_final_message` and `add_generation_prompt` to True.',
      'continue_final_message',
    )
  const turns = request.messages.map(({ role, content }) => ({ role, text: textOf(content) }))
  return {
    ...shared(request, request.max_completion_tokens ?? request.max_tokens ?? undefined),
    prompts: [turns],
    begun: request.continue_final_message ? turns.findLast(isAssistant)?.text : undefined,
    echo: false,
  }
}

function isAssistant({ role }: Turn, index: number, turns: Turn[]): boolean {
  return role === 'assistant' && index === turns.length - 1
}

function textOf(content: string | z.infer<typeof part>[] | null | undefined): string {
  if (typeof content === 'string') return content
  return (content ?? [])
    .map(({ type, text }) => {
      if (type !== 'text' || text === undefined)
        throw badRequest(
          `Content of type "${type}" is not supported: this engine reads text.`,
          'messages',
        )
      return text
    })
    .join('\n')
}

/** The body of `POST /v1/completions`. Throws a 400 that names the field. */
export function parseCompletionRequest(body: unknown): Generation {
  const request = parsed(completionSchema, body)
  if (request.logprobs !== null && request.logprobs !== undefined)
    throw badRequest(
      'logprobs are not supported: this engine computes, it has no probabilities.',
      'logprobs',
    )
  if (request.suffix) throw badRequest('suffix is not supported.', 'suffix')
  const prompts = typeof request.prompt === 'string' ? [request.prompt] : request.prompt
  if (prompts.length * (request.n ?? 1) > samplesMax)
    throw badRequest(`At most ${samplesMax} choices per request.`, 'n')
  return {
    ...shared(request, request.max_tokens ?? 16),
    prompts: prompts.map((text) => [{ role: 'user', text }]),
    begun: undefined,
    echo: request.echo ?? false,
  }
}

type Sampling = z.infer<z.ZodObject<typeof sampling>>

function shared(request: Sampling, tokensMax: number | undefined) {
  if (request.stream_options && !request.stream)
    throw badRequest('Stream options can only be defined when `stream=True`.', 'stream_options')
  return {
    model: request.model,
    n: request.n ?? 1,
    seed: request.seed ?? undefined,
    temperature: request.temperature ?? 1,
    stop: typeof request.stop === 'string' ? [request.stop] : (request.stop ?? []),
    includeStop: request.include_stop_str_in_output ?? false,
    tokensMax,
    thinkingTokensMax: request.thinking_token_budget ?? undefined,
    ignoreEnd: request.ignore_eos ?? false,
    stream: request.stream ?? false,
    includeUsage: request.stream_options?.include_usage ?? false,
    continuousUsage: request.stream_options?.continuous_usage_stats ?? false,
  }
}

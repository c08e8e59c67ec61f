import { z } from 'zod'
import { parseBoundedJson } from '#server/platform/model/bounded-json.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { isRecord } from '#server/platform/model/is-record.ts'
import { refuseUnbounded } from './parameter-limits.ts'

/** The only paths that get through, with what they are asked by. Compared byte for byte: nothing is normalised. */
export const routes: Record<string, 'GET' | 'POST'> = {
  '/v1/models': 'GET',
  '/v1/chat/completions': 'POST',
  '/v1/completions': 'POST',
}

export type Caps = {
  /** How many answers one request may ask for at once. */
  answersMax: number
  /** Tokens that are left to the binding today. */
  tokensLeft: number
  contextTokens: number
}

export type Rewritten = {
  body: string
  stream: boolean
  /** Whether the caller asked to see the usage at the end of the stream. */
  wantsUsage: boolean
  /** `n` times the number of prompts. */
  answers: number
  /** Tokens per answer that were requested and not allowed. */
  allowedTokens?: number
}

// What OpenAI's clients send, and the sampling parameters of vLLM, SGLang and llama.cpp. Left out on purpose is what
// reaches beyond the answer: other hosts, files, code, templates, scheduling, other callers' caches.
const known = new Set(
  `model messages prompt stream stream_options n best_of seed temperature top_p top_k min_p typical_p top_a tfs_z
  presence_penalty frequency_penalty repetition_penalty repeat_penalty length_penalty no_repeat_ngram_size repetition_detection
  stop stop_token_ids include_stop_str_in_output bad_words no_stop_trim ignore_eos max_tokens max_completion_tokens
  min_tokens truncate_prompt_tokens thinking_token_budget reasoning_effort include_reasoning separate_reasoning
  stream_reasoning chat_template_kwargs add_generation_prompt continue_final_message add_special_tokens
  skip_special_tokens spaces_between_special_tokens logprobs top_logprobs logit_bias allowed_token_ids echo suffix
  response_format structured_outputs guided_json guided_regex guided_choice guided_grammar regex ebnf json_schema
  tools tool_choice parallel_tool_calls functions function_call user safety_identifier prompt_cache_key metadata
  store service_tier modalities verbosity prediction dry_multiplier dry_base dry_allowed_length xtc_probability
  xtc_threshold`.split(/\s+/),
)

const count = z.int().min(1).nullish()
const shape = z.looseObject({
  model: z.string().max(300).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: count,
  best_of: count,
  max_tokens: count,
  max_completion_tokens: count,
  prompt: z.unknown().optional(),
})

export type Asked = z.infer<typeof shape>

/** Of messages with tools, or prompts as the numbers of their tokens. */
const bodyBounds = { depth: 64, containers: 20_000, members: 20_000, values: 300_000 }
const bodyWords = {
  'not-json': 'The body is not valid JSON.',
  'too-deep': 'The body is nested too deeply.',
  'too-many': 'The body holds too many objects, lists or values.',
}

/** The body of a completion request; throws `bad-request` that names the field. */
export function parseRequest(text: string): Asked {
  const read = parseBoundedJson(text.replace(/^\ufeff/, ''), bodyBounds)
  if ('reason' in read) throw invalid(bodyWords[read.reason])
  // Before a schema goes over them: there may be as many as the bounds let in.
  const json = read.value
  const name = isRecord(json) ? Object.keys(json).find((one) => !known.has(one)) : undefined
  if (name !== undefined) {
    throw invalid(`${name.slice(0, 80)}: this gateway does not let this parameter through.`)
  }
  const result = shape.safeParse(json)
  if (!result.success) {
    const [issue] = result.error.issues
    const path = issue?.path.join('.')
    throw invalid(path ? `${path}: ${issue?.message}` : 'The body must be a JSON object.')
  }
  refuseUnbounded(result.data)
  return result.data
}

/** What goes to the engine: the same request within the caps, with usage asked for wherever it streams. */
export function rewriteRequest(asked: Asked, caps: Caps): Rewritten {
  const answers = Math.max(asked.n ?? 1, asked.best_of ?? 1) * promptsOf(asked.prompt)
  if (answers > caps.answersMax) {
    throw invalid(
      `n: ${answers} answers in one request are more than the ${caps.answersMax} at once that this access allows.`,
    )
  }
  const body: Asked = { ...asked }
  const tokensMax = Math.max(1, Math.floor(caps.tokensLeft / answers))
  let allowedTokens: number | undefined
  for (const name of ['max_tokens', 'max_completion_tokens'] as const) {
    const tokens = body[name]
    if (tokens == null || tokens <= tokensMax) continue
    body[name] = tokensMax
    allowedTokens = tokensMax
  }
  const unlimited = asked.max_tokens == null && asked.max_completion_tokens == null
  if (unlimited && tokensMax < caps.contextTokens) {
    body.max_tokens = Math.min(tokensMax, roomFor(asked, tokensMax, caps.contextTokens))
  }

  const stream = asked.stream === true
  const wantsUsage = asked.stream_options?.include_usage === true
  if (stream) body.stream_options = { ...asked.stream_options, include_usage: true }
  return { body: textOf(body), stream, wantsUsage, answers, allowedTokens }
}

/**
 * Tokens that the engine has room for after the prompt. A token has at least a byte, so that often all that is left of
 * the day fits; where it may not, ordinary text has one in three. Blanks between the fields are no text.
 */
function roomFor(asked: Asked, tokensMax: number, contextTokens: number): number {
  const { messages, prompt, suffix, tools, functions } = asked
  const bytes = Buffer.byteLength(textOf({ messages, prompt, suffix, tools, functions }))
  if (tokensMax < contextTokens - bytes) return tokensMax
  return Math.max(1, contextTokens - Math.ceil(bytes / 3))
}

/** What was read is not always written: reading takes any depth, writing as much as the stack. */
function textOf(body: Asked): string {
  try {
    return JSON.stringify(body)
  } catch {
    throw invalid('The body is nested too deeply.')
  }
}

/** One prompt is a text or the numbers of its tokens; several are a list of either. */
function promptsOf(prompt: unknown): number {
  if (!Array.isArray(prompt) || typeof prompt[0] === 'number') return 1
  return Math.max(1, prompt.length)
}

function invalid(message: string): AppError {
  return new AppError('bad-request', message, { key: 'invalid_request' })
}

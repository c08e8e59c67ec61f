import { isRecord } from '#server/platform/model/is-record.ts'
import { textOf } from './read-json.ts'

/** One `data:` of a streamed completion, as far as it can be read. */
export type ChatChunk = {
  /** Of the first answer; undefined where the chunk says nothing of it. */
  choice?: { content: string; reasoning: string; finishReason?: string }
  usage?: ChunkUsage
  timings?: { queueMs?: number; promptMs?: number }
  /** What the engine says it failed of, in whichever shape; see translate-engine-error.ts. */
  error?: unknown
}

/** Token counts: integers, missing where the engine leaves them out or sends something else. */
export type ChunkUsage = {
  promptTokens?: number
  completionTokens?: number
  reasoningTokens?: number
}

/**
 * Reads what vLLM, SGLang, llama.cpp and their relatives stream. The text decides: metadata of any other shape, `null`
 * for a list, counts that are none, is left out and never costs the answer. Undefined where it is no JSON object.
 */
export function readChunk(data: string): ChatChunk | undefined {
  const json = parseJson(data)
  if (!isRecord(json)) return undefined
  const choice = readChoice(json.choices)
  const usage = readUsage(json.usage)
  const timings = readTimings(json)
  const error = errorIn(json, choice !== undefined)
  return {
    ...(choice && { choice }),
    ...(usage && { usage }),
    ...(timings && { timings }),
    ...(error !== undefined && { error }),
  }
}

/** The error of an engine's body: under `error`, flat (SGLang, older vLLM), or FastAPI's `detail`. */
export function errorIn(json: Record<string, unknown>, hasChoice = false): unknown {
  if (json.error) return json.error
  if (hasChoice) return undefined
  if (json.object === 'error') return json
  if (Array.isArray(json.choices) || isRecord(json.usage)) return undefined
  if (json.detail) return { ...json, message: detailOf(json.detail) }
  return typeof json.message === 'string' && json.message !== '' ? json : undefined
}

/** FastAPI says a text, or a list of `{loc, msg}`. */
function detailOf(detail: unknown): string | undefined {
  if (typeof detail === 'string') return detail
  if (isRecord(detail)) return typeof detail.message === 'string' ? detail.message : undefined
  if (!Array.isArray(detail)) return undefined
  const said = detail.flatMap((one) => {
    if (!isRecord(one) || typeof one.msg !== 'string') return []
    const place = Array.isArray(one.loc) ? one.loc.slice(0, 8).join('.') : ''
    return place ? `${place}: ${one.msg}` : one.msg
  })
  return said.slice(0, 5).join('; ') || undefined
}

function readChoice(choices: unknown): ChatChunk['choice'] {
  const list = Array.isArray(choices) ? choices.filter(isRecord) : []
  const choice = list.find(({ index }) => index == null || Number(index) === 0)
  if (!choice) return undefined
  // Some send the whole message at the end of a stream, or a text as of `/v1/completions`.
  const delta = [choice.delta, choice.message].find(isRecord) ?? { content: choice.text }
  const parts = textOf(delta.content)
  const { reasoning, reasoning_content: reasoningContent, thinking } = delta
  // Some versions send two names with the same text.
  const [said = ''] = [reasoning, reasoningContent, thinking]
    .map((field) => textOf(field).content)
    .filter((text) => text !== '')
  const reason = choice.finish_reason
  return {
    content: parts.content,
    reasoning: said || parts.reasoning,
    ...(typeof reason === 'string' && reason !== '' && { finishReason: reason.slice(0, 100) }),
  }
}

function readUsage(usage: unknown): ChunkUsage | undefined {
  if (!isRecord(usage)) return undefined
  const details = isRecord(usage.completion_tokens_details) ? usage.completion_tokens_details : {}
  const read = {
    promptTokens: countOf(usage.prompt_tokens),
    completionTokens: countOf(usage.completion_tokens),
    reasoningTokens: countOf(details.reasoning_tokens ?? usage.reasoning_tokens),
  }
  return Object.values(read).some((count) => count !== undefined) ? read : undefined
}

/** A count of tokens, an integer of 0 or more; undefined where it is none. */
export function countOf(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined
  return Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER)
}

/** `metrics` of a vLLM that was started with `--enable-per-request-metrics`; `timings` of llama.cpp. */
function readTimings({ metrics, timings }: Record<string, unknown>): ChatChunk['timings'] {
  if (isRecord(metrics)) {
    const queueMs = millisecondsOf(metrics.queue_time_ms)
    const promptMs = millisecondsOf(metrics.time_to_first_token_ms)
    if (queueMs !== undefined && promptMs !== undefined) return { queueMs, promptMs }
  }
  const promptMs = isRecord(timings) ? millisecondsOf(timings.prompt_ms) : undefined
  return promptMs === undefined ? undefined : { promptMs }
}

function millisecondsOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** The ids in the answer of `GET /v1/models`; undefined where it is none. */
export function parseModelList(body: string): string[] | undefined {
  const json = parseJson(body)
  if (!isRecord(json) || !Array.isArray(json.data)) return undefined
  return json.data.flatMap((model) =>
    isRecord(model) && typeof model.id === 'string' ? model.id : [],
  )
}

/** What the text says as JSON, a byte order mark before it or not; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    return undefined
  }
}

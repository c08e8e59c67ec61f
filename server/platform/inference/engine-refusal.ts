import type { ErrorCode } from '#server/platform/model/errors.ts'
import { countOf } from './chat-chunk.ts'

/** Why an engine did not answer, with whose turn it is; each has words of its own in the message files. */
export type EngineRefusal = {
  key:
    | 'engine_loading'
    | 'engine_full'
    | 'context_exceeded'
    | 'engine_key_refused'
    | 'engine_model_missing'
    | 'engine_refused'
    | 'engine_failed'
  code: ErrorCode
  values?: Record<string, string | number>
}

export type EngineSaid = {
  status?: number
  message: string
  /** `type` and `code` of the error object, as words. */
  type: string
  code: string
  fields: Record<string, unknown>
}

const tooLong =
  /context[ _](?:length|size|window)|maximum context|n_ctx|exceeds? the (?:available|model'?s) (?:context|max)|longer than the (?:model'?s|maximum)|(?:input|prompt) is too long|max(?:imum)?[ _](?:model|total|input)[ _](?:len|tokens)/i
const loading =
  /loading model|model is (?:still )?loading|not (?:yet )?(?:ready|loaded)|starting up|warming up/i
const full =
  /no slot|slots? (?:is |are )?(?:not )?(?:available|busy)|queue is full|too many (?:concurrent )?requests|overloaded|at capacity|server is busy/i

/**
 * What an engine's refusal means, by the shapes of vLLM, SGLang, llama.cpp and FastAPI. The engine's own words are kept
 * beside it by the caller. `begun`: it had written something, so it is neither loading nor full.
 */
export function engineRefusal(said: EngineSaid, begun: boolean): EngineRefusal | undefined {
  const { status = statusIn(said.code), message, type, code } = said
  const isTooLong =
    type === 'exceed_context_size_error' ||
    code === 'context_length_exceeded' ||
    ((status === undefined || [400, 413, 422, 500].includes(status)) && tooLong.test(message))
  if (isTooLong) return { key: 'context_exceeded', code: 'unprocessable', values: sizes(said) }
  if (begun && status !== undefined && status >= 500) {
    const code = status === 503 ? 'unavailable' : 'bad-gateway'
    return { key: 'engine_failed', code, values: { status } }
  }
  if (loading.test(message) && (status === undefined || status >= 500)) {
    return { key: 'engine_loading', code: 'unavailable' }
  }
  if (full.test(message) || status === 429) return { key: 'engine_full', code: 'unavailable' }
  if (status === 401 || status === 403) return { key: 'engine_key_refused', code: 'bad-gateway' }
  if (status === 404 && /model/i.test(message)) {
    return { key: 'engine_model_missing', code: 'bad-gateway' }
  }
  if (status === 503) return { key: 'engine_loading', code: 'unavailable' }
  if (status !== undefined && status >= 500) {
    return { key: 'engine_failed', code: 'bad-gateway', values: { status } }
  }
  if (status !== undefined && status >= 400 && message !== '') {
    return { key: 'engine_refused', code: 'unprocessable', values: { status } }
  }
  return undefined
}

/** A `code` inside a stream may be the status, as a number or as a string. */
function statusIn(code: string): number | undefined {
  const status = Number(code)
  return code !== '' && Number.isInteger(status) && status >= 400 && status < 600
    ? status
    : undefined
}

/** How long the question is and how much the engine holds, where it says both; `known` is 0 where it does not. */
function sizes({ message, fields }: EngineSaid): Record<string, number> {
  const asked =
    countOf(fields.n_prompt_tokens) ??
    numberIn(message, /(\d+) tokens from the input/i) ??
    numberIn(message, /\((\d+) (?:tokens )?in the messages/i) ??
    numberIn(message, /(?:request|input|prompt)[^\d]{0,40}\(?(\d+) (?:input )?tokens/i) ??
    numberIn(message, /requested (?:a total of )?(\d+) tokens/i)
  const room =
    countOf(fields.n_ctx) ??
    numberIn(message, /context (?:length|size|window)[^\d]{0,20}(?:is |of |\()?(\d+)/i) ??
    numberIn(message, /max(?:imum)?[ _](?:model|total|input)[^\d]{0,30}(\d+)/i)
  return asked && room ? { known: 1, asked, room } : { known: 0 }
}

function numberIn(message: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(message)?.[1]
  return found === undefined ? undefined : countOf(Number(found))
}

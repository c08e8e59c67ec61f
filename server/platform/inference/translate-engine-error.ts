import { AppError, type ErrorCode } from '#server/platform/model/errors.ts'
import { isRecord } from '#server/platform/model/is-record.ts'
import { errorIn, parseJson } from './chat-chunk.ts'
import { type EngineSaid, engineRefusal } from './engine-refusal.ts'

const codeOfStatus: Record<number, ErrorCode> = {
  400: 'bad-request',
  // It is our own account that was refused, never the person's session.
  401: 'internal',
  403: 'forbidden',
  404: 'not-found',
  408: 'timeout',
  413: 'too-large',
  422: 'bad-request',
  429: 'quota-exhausted',
  503: 'unavailable',
  504: 'timeout',
}

const messageCharsMax = 2000

/** Words that engines have for a `code`; every other word is the gateway's. */
const engineCodes = new Set([
  ...['context_length_exceeded', 'model_not_found', 'invalid_api_key', 'server_error'],
  ...['internal_error', 'internal_server_error', 'invalid_request_error', 'unavailable_error'],
])

/**
 * An answer of the gateway that is no success: its own refusal, whose `code` is a word, or an engine's, which it passes
 * on as it came (OpenAI's shape, a flat one, FastAPI's `detail`, or no JSON at all).
 */
export function translateEngineAnswer(
  status: number,
  body: string,
  retryAfter: string | undefined,
): AppError {
  const json = parseJson(body)
  const seconds = Number(retryAfter)
  return translateEngineError(isRecord(json) ? errorIn(json) : undefined, status, {
    retryAfterSeconds: retryAfter && Number.isFinite(seconds) ? seconds : undefined,
  })
}

/** What an engine or the gateway calls an error; `status` is undefined inside a stream. */
export function translateEngineError(
  error: unknown,
  status: number | undefined,
  { retryAfterSeconds, begun = false }: { retryAfterSeconds?: number; begun?: boolean } = {},
): AppError {
  const said = readError(error, status)
  // The gateway's own words for what happened, e.g. `binding_ended`, are keys of the message files.
  const own = /^[a-z][a-z_]*$/.test(said.code) && !engineCodes.has(said.code)
  const refusal = own ? undefined : engineRefusal(said, begun)
  const code =
    refusal?.code ?? codeOfStatus[status ?? Number(said.code || Number.NaN)] ?? 'bad-gateway'
  const message = said.message || defaultMessage(code, status, begun)
  if (!refusal) {
    const values = isRecord(error) ? valuesOf(error.values) : undefined
    const key = own ? `gateway.${said.code}` : undefined
    return new AppError(code, message, { retryAfterSeconds, key, values })
  }
  return new AppError(code, message, {
    retryAfterSeconds,
    key: `gateway.${refusal.key}`,
    values: { ...refusal.values, said: said.message.slice(0, 300) },
  })
}

function readError(error: unknown, status: number | undefined): EngineSaid {
  if (typeof error === 'string') {
    return { status, message: error.slice(0, messageCharsMax), type: '', code: '', fields: {} }
  }
  const fields = isRecord(error) ? error : {}
  const { message, type, code } = fields
  return {
    status,
    message: typeof message === 'string' ? message.slice(0, messageCharsMax) : '',
    type: typeof type === 'string' ? type : '',
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : '',
    fields,
  }
}

function valuesOf(values: unknown): Record<string, string | number> | undefined {
  if (!isRecord(values)) return undefined
  const read = Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [[name, value] as const] : [],
  )
  return read.length > 0 ? Object.fromEntries(read) : undefined
}

function defaultMessage(code: ErrorCode, status: number | undefined, begun: boolean): string {
  if (code === 'unavailable') return 'The model is not ready.'
  if (code === 'timeout') return 'The model took too long to answer.'
  if (status !== undefined) return `The model answered ${status}.`
  return begun
    ? 'The model reported an error in the middle of its answer.'
    : 'The model reported an error before it wrote anything.'
}

/** A request that got no answer, or whose answer broke off; `begun`: after it had written something. */
export function translateEngineFailure(error: unknown, begun = false): AppError {
  if (error instanceof AppError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return new AppError('timeout', 'The model took too long to answer.', { cause: error })
  }
  if (['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(code)) {
    return new AppError('unavailable', 'The model gateway cannot be reached.', { cause: error })
  }
  return begun
    ? new AppError('bad-gateway', 'The model broke off in the middle of its answer.', {
        cause: error,
        key: 'gateway.broke_off',
      })
    : new AppError('bad-gateway', 'The model ended before it wrote anything.', {
        cause: error,
        key: 'gateway.no_answer',
      })
}

import { z } from 'zod'
import { AppError, type ErrorCode } from '#server/platform/model/errors.ts'
import { parseJson } from './chat-chunk.ts'

const errorSchema = z.object({
  message: z.string().optional(),
  type: z.string().nullish(),
  code: z.union([z.string(), z.number()]).nullish(),
  values: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .optional()
    .catch(undefined),
})

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

/** An answer of the gateway that is no success, in OpenAI's shape or any other. */
export function translateEngineAnswer(
  status: number,
  body: string,
  retryAfter: string | undefined,
): AppError {
  const parsed = z.object({ error: z.unknown() }).safeParse(parseJson(body))
  const seconds = Number(retryAfter)
  return translateEngineError(parsed.success ? parsed.data.error : undefined, status, {
    retryAfterSeconds: retryAfter && Number.isFinite(seconds) ? seconds : undefined,
  })
}

/** The object under `error`; inside a stream its `code` may be the status, as a number or as a string. */
export function translateEngineError(
  error: unknown,
  status: number | undefined,
  details: { retryAfterSeconds?: number } = {},
): AppError {
  const parsed = errorSchema.safeParse(error)
  const said = parsed.success ? parsed.data : {}
  const known = status ?? (said.code == null ? Number.NaN : Number(said.code))
  const code = codeOfStatus[known] ?? 'bad-gateway'
  const message = said.message?.slice(0, 2000) || defaultMessage(code, status)
  // The gateway's own words for what happened, e.g. `binding_ended`, become keys of the message files.
  const reason =
    typeof said.code === 'string' && /^[a-z_]+$/.test(said.code) ? said.code : undefined
  return new AppError(code, message, {
    ...details,
    key: reason && `gateway.${reason}`,
    values: said.values,
  })
}

function defaultMessage(code: ErrorCode, status: number | undefined): string {
  if (code === 'unavailable') return 'The model is not ready.'
  if (code === 'timeout') return 'The model took too long to answer.'
  return status === undefined
    ? 'The model reported an error in the middle of its answer.'
    : `The model answered ${status}.`
}

/** A request that got no answer, or whose answer broke off. */
export function translateEngineFailure(error: unknown): AppError {
  if (error instanceof AppError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return new AppError('timeout', 'The model took too long to answer.', { cause: error })
  }
  if (['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(code)) {
    return new AppError('unavailable', 'The model gateway cannot be reached.', { cause: error })
  }
  return new AppError('bad-gateway', 'The model broke off in the middle of its answer.', {
    cause: error,
    key: 'gateway.broke_off',
  })
}

import { AppError, type ErrorBody, type ErrorCode } from '#server/platform/model/errors.ts'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/**
 * Asks our own API. Answers the parsed JSON; throws an AppError for every other outcome, also where the server
 * cannot be reached or answers something that is no JSON.
 */
export async function request<T>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      signal,
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new AppError('unavailable', '', { cause })
  }
  if (response.status === 204) return undefined as T
  const answer: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw errorOf(answer, response.status)
  return answer as T
}

const finalStatus = [403, 404, 410]
const headersMaxMs = 5000

/** Why a stream is refused for good; undefined where it is not, or where that cannot be said now. */
export async function refusalOf(path: string, signal: AbortSignal): Promise<AppError | undefined> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(headersMaxMs)])
  const answer = await fetch(path, { method: 'HEAD', signal: bounded }).catch(() => undefined)
  if (!answer || !finalStatus.includes(answer.status)) return undefined
  // A proxy whose server restarts may say that there is nothing; what we say is JSON.
  if (!answer.headers.get('content-type')?.includes('application/json')) return undefined
  return errorOf(undefined, answer.status)
}

/** An ErrorBody becomes the AppError that the server threw. */
export function errorOf(body: unknown, status = 500): AppError {
  if (isErrorBody(body)) {
    const { code, message, requestId, fields, key, values, retryAfterSeconds } = body.error
    return new AppError(code, message, {
      fields,
      key,
      retryAfterSeconds,
      values: { ...values, ...(requestId ? { requestId } : {}) },
    })
  }
  return new AppError(codeOfStatus(status), '')
}

function isErrorBody(body: unknown): body is ErrorBody {
  return (
    typeof body === 'object' &&
    body !== null &&
    'error' in body &&
    typeof body.error === 'object' &&
    body.error !== null &&
    'code' in body.error
  )
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404 || status === 410) return 'not-found'
  if (status === 502 || status === 503 || status === 504) return 'unavailable'
  return 'internal'
}

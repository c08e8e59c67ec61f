import type { Log } from '#server/platform/log.ts'
import { AppError, type ErrorBody, errorStatus } from '#server/platform/model/errors.ts'

export type ErrorAnswer = { status: number; body: ErrorBody; headers: Record<string, string> }

/** The one place where a failure becomes an answer. What is unknown is logged whole and told only by its number. */
export function translateError(error: unknown, requestId: string, log: Log): ErrorAnswer {
  const known = error instanceof AppError && !isOurOwnLack(error) ? error : undefined
  if (!known || known.code === 'internal') log.error({ err: error, requestId }, 'a request failed')
  else if (errorStatus[known.code] >= 500) {
    log.warn({ err: known, requestId }, 'a request could not be answered')
  }
  const told = known ?? new AppError('internal', 'Something went wrong on our side.')
  const { fields, key, values, retryAfterSeconds } = told.details
  const body = {
    error: {
      code: told.code,
      message: told.message,
      requestId,
      fields,
      key,
      values,
      retryAfterSeconds,
    },
  }
  const headers: Record<string, string> = {}
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterSeconds))
  return { status: errorStatus[told.code], body, headers }
}

/** A right that our own account lacks is a fault of the installation; told as a 403 it would look like the person's. */
function isOurOwnLack(error: AppError): boolean {
  return error.details.key === 'kube.forbidden'
}

import type { ServerResponse } from 'node:http'
import { AppError, errorStatus } from '#server/platform/model/errors.ts'

export type OpenaiError = {
  status: number
  /** What happened, for programs: `binding_ended`, `rate_limit_exceeded`. */
  code: string
  message: string
  retryAfterSeconds?: number
  /** What the message is about, for those who say it in another language. */
  values?: Record<string, string | number>
}

/** A failure as OpenAI's clients expect it. What is not an AppError is told without its details. */
export function openaiErrorOf(error: unknown): OpenaiError {
  if (!(error instanceof AppError)) {
    return { status: 500, code: 'internal', message: 'The model gateway failed unexpectedly.' }
  }
  const { key, retryAfterSeconds, values } = error.details
  const code = (key ?? error.code).replaceAll('-', '_')
  return {
    status: errorStatus[error.code],
    code,
    message: error.message,
    retryAfterSeconds,
    values,
  }
}

/** `{error: {message, type, param, code, values}}`: the body of a refusal, and the data of an error event in a stream. */
function openaiBody({ status, code, message, values }: OpenaiError): string {
  return JSON.stringify({ error: { message, type: typeOf(status), param: null, code, values } })
}

/** Answers with the error, or ends a stream that has begun with an event that says it. */
export function sendError(response: ServerResponse, error: OpenaiError): void {
  if (response.destroyed || response.writableEnded) return
  if (response.headersSent) {
    if (response.getHeader('content-type')?.toString().startsWith('text/event-stream')) {
      response.end(`data: ${openaiBody(error)}\n\n`)
    } else response.destroy()
    return
  }
  const { status, retryAfterSeconds } = error
  if (retryAfterSeconds !== undefined) {
    response.setHeader('retry-after', Math.max(1, Math.ceil(retryAfterSeconds)))
    // OpenAI's clients would try again long before.
    if (retryAfterSeconds > 60) response.setHeader('x-should-retry', 'false')
  }
  if (status === 401) response.setHeader('www-authenticate', 'Bearer')
  // What is left of a body that was refused is not read: the connection cannot serve another request.
  if (!response.req.complete) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': 'application/json' }).end(openaiBody(error))
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 404) return 'not_found_error'
  if (status === 429) return 'rate_limit_error'
  return status < 500 ? 'invalid_request_error' : 'server_error'
}

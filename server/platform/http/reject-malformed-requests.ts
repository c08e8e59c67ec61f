import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError, tooLarge } from '#server/platform/model/errors.ts'

const methods = ['GET', 'HEAD']

/**
 * What no page is requested with, and Next would serve all the same: it answers every method with the page, and reads
 * a body of any length into memory.
 */
export function rejectMalformedRequest(
  { url = '/', method = 'GET', headers }: IncomingMessage,
  response: ServerResponse,
): { error: AppError; status?: number } | undefined {
  if (!url.startsWith('/')) return { error: new AppError('bad-request', 'This is no path.') }
  if (!methods.includes(method)) {
    response.setHeader('allow', methods.join(', '))
    const error = new AppError('bad-request', `Here one can ${methods.join(', ')}.`)
    return { error, status: 405 }
  }
  const hasBody = headers['transfer-encoding'] || Number(headers['content-length']) > 0
  return hasBody ? { error: tooLarge(0) } : undefined
}

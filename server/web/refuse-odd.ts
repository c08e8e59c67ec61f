import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError } from '#server/domain/errors.ts'
import { tooLarge } from './route.ts'

const methods = { page: ['GET', 'HEAD'], auth: ['GET', 'HEAD', 'POST'] }

/** A form that signs somebody in. */
const bytesMax = 64 * 1024

/**
 * What no page and no sign-in is asked for, and Next would serve all the same: it answers every method with the page,
 * and takes a body into memory whole, of whoever sends it.
 */
export function refuseOdd(
  kind: keyof typeof methods,
  { url = '/', method = 'GET', headers }: IncomingMessage,
  response: ServerResponse,
): { error: AppError; status?: number } | undefined {
  if (!url.startsWith('/')) return { error: new AppError('bad-request', 'This is no path.') }
  const allowed = methods[kind]
  if (!allowed.includes(method)) {
    response.setHeader('allow', allowed.join(', '))
    const error = new AppError('bad-request', `Here one can ${allowed.join(', ')}.`)
    return { error, status: 405 }
  }
  // A browser says how long its form is.
  const isTooLarge = headers['transfer-encoding'] || Number(headers['content-length']) > bytesMax
  return isTooLarge ? { error: tooLarge(bytesMax) } : undefined
}

import type { IncomingMessage } from 'node:http'
import { AppError } from '#server/platform/model/errors.ts'

const bytesMax = 2 * 1024 * 1024

/** The whole body as text; throws `too-large` above 2 MB without reading on. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const tooLarge = new AppError('too-large', 'The body is larger than 2 MB.')
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge
  const brokeOff = new AppError('bad-request', 'The body broke off.')
  // Its end was told before anybody listened.
  if (request.destroyed) throw brokeOff
  const chunks: Buffer[] = []
  let bytes = 0
  const ended = new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= bytesMax) {
        chunks.push(chunk)
        return
      }
      // Not destroyed: the refusal has still to be written.
      request.pause()
      reject(tooLarge)
    })
    request.once('end', resolve)
    request.once('error', reject)
    request.once('close', () => reject(brokeOff))
  })
  await ended
  return Buffer.concat(chunks, bytes).toString('utf8')
}

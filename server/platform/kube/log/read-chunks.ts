import type { Readable } from 'node:stream'

/**
 * The chunks of a body. Fails once nothing has come for `idleMs` while the reader waited: a half-open socket gives no
 * other sign. The body is destroyed when the reader leaves.
 */
export async function* readChunks(body: Readable, idleMs: number): AsyncGenerator<Buffer> {
  const iterator = body[Symbol.asyncIterator]()
  try {
    while (true) {
      const timer = setTimeout(() => body.destroy(new Error(`silent for ${idleMs} ms`)), idleMs)
      const next = await iterator.next().finally(() => clearTimeout(timer))
      if (next.done) return
      yield next.value
    }
  } finally {
    body.destroy()
  }
}

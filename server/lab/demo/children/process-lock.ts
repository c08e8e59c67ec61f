import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'

const lookEveryMs = 100

/**
 * A name that one process of this machine holds at a time; undefined where another has it, otherwise how to let it go.
 * It is an abstract socket: the kernel frees it with its process, however that ended, and no file is left that lies.
 */
export function acquireProcessLock(name: string): Promise<(() => Promise<void>) | undefined> {
  // Others have no such sockets; there a build is made beside another, as it was.
  if (process.platform !== 'linux') return Promise.resolve(async () => {})
  const path = `\0bindery-${createHash('sha256').update(name).digest('hex')}`
  const server = createServer((socket) => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen({ path }, () => {
      server.unref()
      resolve(() => new Promise((done) => server.close(() => done())))
    })
  })
}

/** The same, as soon as whoever has it lets go or is gone. */
export async function waitForProcessLock(
  name: string,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  while (true) {
    const letGo = await acquireProcessLock(name)
    if (letGo) return letGo
    await setTimeout(lookEveryMs, undefined, { signal })
  }
}

import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { acquireProcessLock } from './children/process-lock.ts'

/** A build, and a database with its log. */
const freeMbMin = 500

/** Refuses to start where it cannot end well; each reason is one sentence for the person at the terminal. */
export function preflight(dirs: string[]): void {
  if (process.platform !== 'linux') {
    throw new Error(
      'The demo needs Linux (WSL will do): its pods have addresses of their own on the loopback network, which other systems do not offer.',
    )
  }
  for (const dir of dirs) {
    try {
      mkdirSync(dir, { recursive: true })
      accessSync(dir, constants.W_OK)
    } catch {
      throw new Error(`${dir} cannot be written to: start the demo in a folder of yours.`)
    }
    const { bavail, bsize } = statfsSync(dir)
    refuseFullDisk(dir, bavail * bsize)
  }
}

export function refuseFullDisk(dir: string, freeBytes: number): void {
  const freeMb = Math.floor(freeBytes / 1_000_000)
  if (freeMb >= freeMbMin) return
  throw new Error(
    `The disk of ${dir} has ${freeMb} MB left, and the demo needs ${freeMbMin}: make room.`,
  )
}

/** Holds it against demos that start too, long before the web listens there. Returns how to give it back. */
export async function takePort(port: number): Promise<() => Promise<void>> {
  const letGo = await acquireProcessLock(`port ${port}`)
  // A browser that is told `localhost` asks the second first; a machine without IPv6 has nobody there.
  const codes = letGo ? await Promise.all(['127.0.0.1', '::1'].map((at) => listen(port, at))) : []
  if (letGo && !codes.includes('EADDRINUSE') && !codes.includes('EACCES')) return letGo
  await letGo?.()
  throw new Error(
    codes.includes('EACCES')
      ? `Port ${port} is not for this account: choose one above 1023, as with PORT=3000 npm run demo.`
      : `Port ${port} is taken: stop what listens there, or choose another with PORT=${nextPort(port)} npm run demo.`,
  )
}

function nextPort(port: number): number {
  return port < 65_535 ? port + 1 : port - 1
}

/** What comes of it, for a moment: the code of an error, or nothing. */
function listen(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve('code' in error ? String(error.code) : 'unknown'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

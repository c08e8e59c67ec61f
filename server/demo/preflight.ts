import { accessSync, constants, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { holdName } from './hold-name.ts'

const oldestNode = [20, 19] as const

/** Refuses to start where it cannot end well; each reason is one sentence for the person at the terminal. */
export function preflight(stateDir: string): void {
  checkNode(process.versions.node)
  if (process.platform !== 'linux') {
    throw new Error(
      'The demo needs Linux (WSL will do): its pods have addresses of their own on the loopback network, which other systems do not offer.',
    )
  }
  try {
    mkdirSync(stateDir, { recursive: true })
    accessSync(stateDir, constants.W_OK)
  } catch {
    throw new Error(`${stateDir} cannot be written to: start the demo in a folder of yours.`)
  }
}

/** Holds it against demos that start too, long before the web listens there. Returns how to give it back. */
export async function takePort(port: number): Promise<() => Promise<void>> {
  const letGo = await holdName(`port ${port}`)
  if (letGo && (await isFree(port))) return letGo
  await letGo?.()
  throw new Error(
    `Port ${port} is taken: stop what listens there, or choose another with PORT=${nextPort(port)} npm run demo.`,
  )
}

function nextPort(port: number): number {
  return port < 65_535 ? port + 1 : port - 1
}

export function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = oldestNode
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new Error(`Node ${version} is too old: Bindery needs ${oldestNode.join('.')} or newer.`)
  }
}

function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

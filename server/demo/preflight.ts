import { accessSync, constants, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'

const oldestNode = [20, 19] as const

/** Refuses to start where it cannot end well; each reason is one sentence for the person at the terminal. */
export async function preflight(options: { port: number; stateDir: string }): Promise<void> {
  checkNode(process.versions.node)
  if (process.platform !== 'linux') {
    throw new Error(
      'The demo needs Linux (WSL will do): its pods have addresses of their own on the loopback network, which other systems do not offer.',
    )
  }
  try {
    mkdirSync(options.stateDir, { recursive: true })
    accessSync(options.stateDir, constants.W_OK)
  } catch {
    throw new Error(
      `${options.stateDir} cannot be written to: start the demo in a folder of yours.`,
    )
  }
  if (!(await isFree(options.port))) {
    throw new Error(
      `Port ${options.port} is taken: stop what listens there, or choose another with PORT=3001 npm run demo.`,
    )
  }
}

export function checkNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = oldestNode
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new Error(`Node ${version} is too old: Bindery needs ${oldestNode.join('.')} or newer.`)
  }
}

export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

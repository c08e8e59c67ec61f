import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Agent, request } from 'undici'

export type CountingProxy = {
  url: string
  /** Requests so far, without watches and without the Lease that says who leads. */
  calls(): number
  watches(): number
  stop(): void
}

/** Passes everything on to an API server and counts it; costs what one hop costs. */
export async function countingProxy(target: {
  server: string
  ca: string
}): Promise<CountingProxy> {
  const dispatcher = new Agent({ connect: { ca: target.ca }, connections: null, bodyTimeout: 0 })
  let calls = 0
  let watches = 0
  const server = createServer(async (incoming, outgoing) => {
    const path = incoming.url ?? '/'
    if (path.includes('watch=true')) watches += 1
    else if (!path.includes('/leases/')) calls += 1
    const { host: _host, connection: _connection, ...headers } = incoming.headers
    const ending = new AbortController()
    outgoing.on('close', () => ending.abort())
    try {
      const answer = await request(target.server + path, {
        method: incoming.method as 'GET',
        headers,
        body: incoming.method === 'GET' ? undefined : incoming,
        signal: ending.signal,
        dispatcher,
      })
      outgoing.writeHead(answer.statusCode, answer.headers as Record<string, string>)
      await pipeline(answer.body, outgoing)
    } catch {
      outgoing.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => calls,
    watches: () => watches,
    stop() {
      server.close()
      server.closeAllConnections()
      void dispatcher.destroy()
    },
  }
}

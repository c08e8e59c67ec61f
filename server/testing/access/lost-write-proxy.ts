import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Agent, request } from 'undici'
import { parse } from 'yaml'

export type FaultProxy = {
  url: string
  /** How many of a hundred requests go wrong. */
  setFaults(percent: number): void
  /** Requests that were made to go wrong, and all that were no watch and no Lease. */
  counts(): { faults: number; calls: number }
  stop(): void
}

/** What happens to a request: it never arrives, its answer never comes back, or somebody is said to have written first. */
const faults = ['refused', 'reset', 'answer-lost', 'answer-500', 'conflict', 'late'] as const
const lateMs = 300
const watchLifeMs = 1_500

/** Between a process and the API server, for tests; which request fails is decided by `random` (of [0, 1)). */
export async function startFaultProxy(
  kubeconfig: string,
  random: () => number,
): Promise<FaultProxy> {
  const { server: target, 'certificate-authority-data': ca } = parse(kubeconfig).clusters[0].cluster
  const connect = { ca: Buffer.from(ca, 'base64').toString() }
  const dispatcher = new Agent({ connect, connections: null, bodyTimeout: 0 })
  let percent = 0
  const counts = { faults: 0, calls: 0 }

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? '/'
    const watching = path.includes('watch=true')
    if (!watching && !path.includes('/leases/')) counts.calls += 1
    // A lease that is lost ends the term: that is tested beside the lease.
    const hit = random() * 100 < percent && !path.includes('/leases')
    const fault = hit ? faults[Math.floor(random() * faults.length)] : undefined
    if (fault) counts.faults += 1
    if (fault === 'reset') return void outgoing.destroy()
    if (fault === 'refused') return fail(outgoing, 500, 'InternalError')
    if (fault === 'conflict' && /^(PUT|PATCH)$/.test(incoming.method ?? '')) {
      return fail(outgoing, 409, 'Conflict')
    }
    if (fault === 'late') await new Promise((resolve) => setTimeout(resolve, lateMs))

    const { host: _host, connection: _connection, ...headers } = incoming.headers
    const gone = new AbortController()
    outgoing.on('close', () => gone.abort())
    const answer = await request(target + path, {
      method: incoming.method as 'GET',
      headers,
      body: incoming.method === 'GET' ? undefined : incoming,
      // What reached the server is done, whether or not anybody waits for the answer.
      signal: watching ? gone.signal : undefined,
      dispatcher,
    })
    if (fault === 'answer-lost' || fault === 'answer-500') {
      // What a watch says has no end that could be waited for: nobody would hear of it for a minute.
      if (watching) answer.body.on('error', () => {}).destroy()
      else await answer.body.dump()
      return fault === 'answer-lost'
        ? void outgoing.destroy()
        : fail(outgoing, 500, 'InternalError')
    }
    outgoing.writeHead(answer.statusCode, answer.headers as Record<string, string>)
    if (watching && fault) setTimeout(() => outgoing.destroy(), random() * watchLifeMs)
    await pipeline(answer.body, outgoing)
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    setFaults(to) {
      percent = to
    },
    counts: () => ({ ...counts }),
    stop() {
      server.close()
      server.closeAllConnections()
      void dispatcher.destroy()
    },
  }
}

function fail(outgoing: ServerResponse, code: number, reason: string): void {
  const message = 'the object has been modified; please apply your changes to the latest version'
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code }
  outgoing.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(status))
}

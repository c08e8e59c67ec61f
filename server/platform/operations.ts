import { createServer } from 'node:http'
import { collectDefaultMetrics, Registry } from 'prom-client'

/** What one process measures of itself, with what Node tells of every process. */
export function createMetricsRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

/**
 * `/livez`, `/readyz` and `/metrics` (Prometheus text format) on a port of their own, which no Service for callers leads
 * to: who may call the process is not thereby let to look into it. Resolves, when it listens, with the port.
 */
export function serveOperations(
  options: {
    host: string
    port: number
    ready: () => Promise<boolean>
    registry: Registry
    /** Further paths, each answered with JSON. */
    reports?: Record<string, () => Promise<unknown>>
  },
  signal: AbortSignal,
): Promise<number> {
  const { host, port, ready, registry, reports = {} } = options
  const server = createServer((request, response) => {
    const answer = (ok: boolean) =>
      response.writeHead(ok ? 200 : 503).end(ok ? 'ok\n' : 'not ready\n')
    if (request.url === '/livez') return void answer(true)
    if (request.url === '/readyz') return void ready().then(answer, () => answer(false))
    if (request.url === '/metrics') {
      return void registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      )
    }
    const path = request.url ?? ''
    const report = Object.hasOwn(reports, path) ? reports[path] : undefined
    if (!report) return void response.writeHead(404).end()
    void report().then(
      (json) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json)),
      () => response.writeHead(500).end(),
    )
  })
  signal.addEventListener('abort', () => {
    server.close()
    server.closeAllConnections()
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

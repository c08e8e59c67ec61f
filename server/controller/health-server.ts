import { createServer } from 'node:http'

/** `/healthz` and `/readyz` for the kubelet; nothing else is served. */
export function serveHealth(
  options: { host: string; port: number; ready: () => Promise<boolean> },
  signal: AbortSignal,
): Promise<void> {
  const server = createServer((request, response) => {
    const answer = (ok: boolean) =>
      response.writeHead(ok ? 200 : 503).end(ok ? 'ok\n' : 'not ready\n')
    if (request.url === '/healthz') return void answer(true)
    if (request.url === '/readyz') {
      options.ready().then(answer, () => answer(false))
      return
    }
    response.writeHead(404).end()
  })
  signal.addEventListener('abort', () => {
    server.close()
    server.closeAllConnections()
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
}

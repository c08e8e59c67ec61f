import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificates } from './certificates.ts'
import { type ServeOptions, serve } from './serve.ts'

export type ApiServer = {
  /** `https://127.0.0.1:PORT` */
  url: string
  /** Cuts every connection, as a crash of the server would. */
  dropConnections(): void
  /** Ends everything that is open and stops to listen. */
  close(): Promise<void>
}

/** The API server's door. Answers 503 until the rest of the cluster is put behind it. */
export async function openHttpsServer(
  port: number,
  { ca, cert, key }: Certificates,
): Promise<ApiServer & { serve(options: ServeOptions): void }> {
  let options: ServeOptions | undefined
  // Whose certificate is not of this CA is still served: by their token, or not at all.
  const clients = { ca, requestCert: true, rejectUnauthorized: false }
  const server = createServer({ cert, key, ...clients, keepAlive: true }, (request, response) => {
    if (options) void serve(options, request, response)
    else response.writeHead(503, { 'retry-after': '1' }).end()
  })
  // Watches and followed logs stay open for as long as their readers want.
  server.requestTimeout = 0
  server.headersTimeout = 60_000
  server.keepAliveTimeout = 90_000
  await listen(server, port)
  const { port: chosen } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${chosen}`,
    serve: (given) => {
      options = given
    },
    dropConnections: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(taken ? new Error(`Port ${port} is taken: choose another one.`) : error)
    })
    server.listen(port, '127.0.0.1', resolve)
  })
}

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Network = {
  /** Where the product is when it is asked over this network. */
  url: string
  /** Breaks every connection, and every new one, until it is mended. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** A way to the product that can be cut; a browser's own offline mode leaves open streams alone. */
export async function networkTo(target: string): Promise<Network> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let broken = false
  const server = createServer((inbound) => {
    if (broken) return void inbound.destroy()
    const outbound = connect(Number(port), hostname)
    for (const socket of [inbound, outbound]) {
      sockets.add(socket)
      // What one side loses, the other loses too.
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        inbound.destroy()
        outbound.destroy()
      })
    }
    inbound.pipe(outbound).pipe(inbound)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    broken = true
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => {
      broken = false
    },
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

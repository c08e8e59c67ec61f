import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Front = { url: string; close(): Promise<void> }

/** One address for several replicas, in turn, as a Service is: one that does not take the connection is passed over. */
export async function openFront(ports: number[]): Promise<Front> {
  const sockets = new Set<Socket>()
  let turn = 0
  const server = createServer((inbound) => {
    track(inbound)
    const reach = (tries: number) => {
      const outbound = connect(ports[turn++ % ports.length] ?? 0, '127.0.0.1')
      track(outbound)
      let connected = false
      outbound.once('connect', () => {
        connected = true
        // What one side loses, the other loses too.
        for (const [one, other] of [
          [inbound, outbound],
          [outbound, inbound],
        ] as const) {
          one.pipe(other)
          one.once('close', () => other.destroy())
        }
      })
      outbound.once('error', () => {
        if (!connected && tries > 1) reach(tries - 1)
        else inbound.destroy()
      })
    }
    reach(ports.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function track(socket: Socket) {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }

  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

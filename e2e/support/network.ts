import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Network = {
  /** Where the product is when it is asked over this network. */
  url: string
  /** Breaks every connection, and every new one, until it is mended. */
  cut(): void
  mend(): void
  /** Breaks each stream of events that has carried so many bytes to the reader, in the middle of a chunk, so many times. */
  dropAfter(bytes: number, times: number): void
  /** How often that was done. */
  dropped(): number
  close(): Promise<void>
}

/** A way to the product that can be cut; a browser's own offline mode leaves open streams alone. */
export async function networkTo(target: string): Promise<Network> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let broken = false
  let dropBytes = Number.POSITIVE_INFINITY
  let dropsLeft = 0
  let drops = 0
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
    inbound.pipe(outbound)
    // What a page is made of comes whole, over however few connections.
    let isStream = false
    inbound.on('data', (chunk: Buffer) => {
      isStream ||= /^accept: text\/event-stream/im.test(chunk.toString('latin1'))
    })
    let carried = 0
    outbound.on('data', (chunk: Buffer) => {
      if (isStream) carried += chunk.length
      if (dropsLeft > 0 && carried > dropBytes) {
        dropsLeft--
        drops++
        // What was written before a half of the chunk may arrive or not; the rest never does.
        inbound.write(chunk.subarray(0, chunk.length >> 1), () => inbound.destroy())
        outbound.destroy()
      } else if (!inbound.write(chunk)) {
        outbound.pause()
        inbound.once('drain', () => outbound.resume())
      }
    })
    outbound.on('end', () => inbound.end())
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
    dropAfter(bytes, times) {
      dropBytes = bytes
      dropsLeft = times
    },
    dropped: () => drops,
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

import { createServer, connect as dial, type Socket } from 'node:net'

/** For tests: a way to the database that can be cut and mended. */
export async function openWay(direct: string) {
  const target = new URL(direct)
  const sockets = new Set<Socket>()
  let whole = true
  const server = createServer((near) => {
    if (!whole) return near.destroy()
    const far = dial(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const through = new URL(direct)
  through.port = String(typeof address === 'object' && address ? address.port : 0)
  return {
    url: through.href,
    cut() {
      whole = false
      for (const socket of sockets) socket.destroy()
    },
    mend() {
      whole = true
    },
    close() {
      this.cut()
      server.close()
    },
  }
}

// busybox's nc: `nc [-w SEC] HOST PORT`, `nc -z HOST PORT`, `nc -l -p PORT [-k]`. The pod's address and cluster names
// come from the preload.
import { connect, createServer } from 'node:net'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  options: {
    l: { type: 'boolean', short: 'l' },
    k: { type: 'boolean', short: 'k' },
    z: { type: 'boolean', short: 'z' },
    v: { type: 'boolean', short: 'v' },
    n: { type: 'boolean', short: 'n' },
    p: { type: 'string', short: 'p' },
    w: { type: 'string', short: 'w' },
  },
  allowPositionals: true,
})

function fail(message) {
  process.stderr.write(`nc: ${message}\n`)
  process.exit(1)
}

function join(socket) {
  socket.pipe(process.stdout, { end: false })
  process.stdin.pipe(socket)
  // A peer that breaks off says nothing about itself, as in busybox.
  socket.on('error', () => process.exit(1))
}

if (values.l) {
  const port = Number(values.p ?? positionals[0])
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (!values.k) server.close()
    join(socket)
    // Both directions are done: so is the process, unless it goes on listening.
    socket.on('close', () => {
      if (!values.k) process.exit(0)
    })
  })
  server.on('error', (error) => fail(error.message))
  server.listen(port)
} else {
  const [host, port] = positionals
  if (!host || !port) fail('usage: nc [-l -p PORT] [-z] [-w SEC] HOST PORT')
  const socket = connect({ host, port: Number(port), allowHalfOpen: true })
  socket.on('error', (error) =>
    fail(`can't connect to remote host (${host}): ${error.code ?? error.message}`),
  )
  if (values.w) socket.setTimeout(Number(values.w) * 1000, () => fail('timed out'))
  socket.on('connect', () => {
    if (values.z) process.exit(0)
    join(socket)
    socket.on('close', () => process.exit(0))
  })
}

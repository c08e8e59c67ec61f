import type { Socket } from 'node:net'

/** Joins two connections made with allowHalfOpen: an end is passed as an end, a break as a reset, both ways at once. */
export function pipeSockets(a: Socket, b: Socket) {
  passOn(a, b)
  passOn(b, a)
}

function passOn(from: Socket, to: Socket) {
  from.setNoDelay(true)
  from.pipe(to)
  from.on('error', () => reset(to))
  from.on('close', (broken) => {
    if (broken) reset(to)
    else if (!to.writableEnded) to.end()
  })
}

/** The peer learns that the other side is gone, not that it is done. */
export function reset(socket: Socket) {
  if (!socket.destroyed) socket.resetAndDestroy()
}

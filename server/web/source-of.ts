/** Set by our own server from the socket, whatever the request brought: what Next sees is headers alone. */
export const peerHeader = 'x-bindery-peer'

/** Who sent it as far as can be known: the address that the nearest proxy names, and the proxy. */
export function sourceOf(header: (name: string) => string | undefined): string | undefined {
  const peer = header(peerHeader)
  const forwarded = header('x-forwarded-for')?.split(',').at(-1)?.trim().slice(0, 100)
  if (!forwarded || forwarded === peer) return peer
  return peer ? `${forwarded} by ${peer}` : forwarded
}

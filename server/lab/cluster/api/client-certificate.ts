import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { User } from './user.ts'

/** Whom a connection's certificate names; `invalid` where another CA signed it. */
export type CertificateUser = User | 'invalid' | undefined

const known = new WeakMap<TLSSocket, CertificateUser>()

/** The user of a request's client certificate (common name, organizations), looked at once a connection. */
export function certificateUser({ socket }: IncomingMessage): CertificateUser {
  if (!(socket instanceof TLSSocket)) return undefined
  if (known.has(socket)) return known.get(socket)
  const user = readUser(socket)
  known.set(socket, user)
  return user
}

function readUser(socket: TLSSocket): CertificateUser {
  const { subject } = socket.getPeerCertificate()
  if (!subject) return undefined
  if (!socket.authorized) return 'invalid'
  const username = [subject.CN].flat().at(-1) ?? ''
  const groups = [subject.O].flat().filter((one) => one !== undefined)
  return { username, groups: [...new Set([...groups, 'system:authenticated'])] }
}

import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Config } from '#server/platform/config.ts'
import { parseRequestId } from '#server/platform/model/request-id.ts'

/** Set by our own server, whatever the request brought: what Next sees is headers alone. */
export const sourceHeader = 'x-bindery-source'
export const targetHeader = 'x-bindery-target'
export const requestIdHeader = 'x-request-id'

const claims = /^(forwarded|x-forwarded-.*|x-real-ip|x-original-.*|x-rewrite-url|x-bindery-.*)$/
const traceHeaderNames = ['traceparent', 'tracestate']

export type OriginResolver = (request: IncomingMessage) => {
  requestId: string
  /** Whether the browser spoke TLS, as far as is known. */
  isSecure: boolean
  /** Whether the page was asked for by a name that is not this installation's. */
  isMisdirected: boolean
}

/**
 * Where a request came from and by which name it asked, decided once: of what it says itself only what a trusted proxy
 * says is believed. Everything behind reads the headers that are left.
 */
export function createOriginResolver({
  TRUSTED_PROXIES,
  NEXTAUTH_URL,
}: Pick<Config, 'TRUSTED_PROXIES' | 'NEXTAUTH_URL'>): OriginResolver {
  const trusted = blockListOf(TRUSTED_PROXIES)
  const own = NEXTAUTH_URL ? new URL(NEXTAUTH_URL) : undefined
  const isTrusted = (address: string) => trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

  return (request) => {
    const { headers } = request
    const peer = plain(request.socket.remoteAddress ?? '')
    const said = peer !== '' && isTrusted(peer) ? headers : {}
    const way = partsOf(said['x-forwarded-for']).map(plain)
    // What is left of the last that is not one of ours could have been written by anybody.
    const client = way.findLast((address) => !isTrustedAddress(address, isTrusted)) ?? way[0]
    const source = (client && client !== peer ? `${client} by ${peer}` : peer).slice(0, 200)
    const host = partsOf(said['x-forwarded-host']).at(-1) ?? headers.host ?? ''
    const isSecure = said['x-forwarded-proto']
      ? partsOf(said['x-forwarded-proto']).at(-1) === 'https'
      : false
    const requestId = parseRequestId(said[requestIdHeader]) ?? randomUUID()

    for (const name of Object.keys(headers)) if (claims.test(name)) delete headers[name]
    if (said !== headers) for (const name of traceHeaderNames) delete headers[name]
    headers.host = host
    headers['x-forwarded-host'] = host
    headers['x-forwarded-proto'] = isSecure ? 'https' : 'http'
    headers['x-forwarded-for'] = client ?? peer
    headers[requestIdHeader] = requestId
    headers[sourceHeader] = source
    headers[targetHeader] = request.url
    return {
      requestId,
      isSecure: isSecure || own?.protocol === 'https:',
      isMisdirected: own !== undefined && !isOwnName(host.toLowerCase(), own),
    }
  }
}

/**
 * Another name that leads here may be somebody's who wants our answers read by a page of theirs. One machine's own
 * address has many names; among them only those that no name server can give away.
 */
function isOwnName(host: string, own: URL): boolean {
  if (host === own.host) return true
  const isAddress = (name: string) => name === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) > 0
  return isAddress(own.hostname) && isAddress(host.replace(/:\d+$/, ''))
}

function isTrustedAddress(address: string, isTrusted: (address: string) => boolean): boolean {
  try {
    return isTrusted(address)
  } catch {
    return false
  }
}

function blockListOf(addresses: string[]): BlockList {
  const list = new BlockList()
  for (const one of addresses) {
    const [address = '', bits] = one.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

function partsOf(header: string | string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
}

/** An IPv4 address that came through an IPv6 socket is an IPv4 address. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/, '')
}

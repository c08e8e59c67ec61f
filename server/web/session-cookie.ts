import type { Config } from '#server/config.ts'

/** `__Host-`: only from this very host, over TLS, for all of it; no neighbour's domain can set one. */
export function sessionCookieName(isSecure: boolean): string {
  return `${isSecure ? '__Host-' : ''}bindery.session-token`
}

export function isBehindTls({ NEXTAUTH_URL }: Pick<Config, 'NEXTAUTH_URL'>): boolean {
  return NEXTAUTH_URL?.startsWith('https://') === true
}

/** The sealed content of the cookie in a `Cookie` header; empty where there is none. */
export function sessionToken(cookieHeader: string, isSecure: boolean): string {
  const cookies = parseCookies(cookieHeader)
  const name = sessionCookieName(isSecure)
  return cookies.get(name) ?? joinChunks(cookies, name)
}

function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>()
  for (const part of header.split(';')) {
    const at = part.indexOf('=')
    if (at < 0) continue
    const name = part.slice(0, at).trim()
    // The first of two wins, as it is the one of the longer path.
    if (!cookies.has(name)) cookies.set(name, part.slice(at + 1).trim())
  }
  return cookies
}

/** next-auth cuts a long cookie into `name.0`, `name.1`, … */
function joinChunks(cookies: Map<string, string>, name: string): string {
  let joined = ''
  for (let index = 0; cookies.has(`${name}.${index}`); index++) {
    joined += cookies.get(`${name}.${index}`)
  }
  return joined
}

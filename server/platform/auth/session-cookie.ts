import { createHash, randomBytes } from 'node:crypto'
import type { Config } from '#server/platform/config.ts'

/** `__Host-`: only from this very host, over TLS, for all of it; no neighbour's domain can set one. */
export function sessionCookieName(isSecure: boolean): string {
  return `${cookiePrefix(isSecure)}session-token`
}

export function cookiePrefix(isSecure: boolean): string {
  return `${isSecure ? '__Host-' : ''}bindery.`
}

export function isBehindTls({ NEXTAUTH_URL }: Pick<Config, 'NEXTAUTH_URL'>): boolean {
  return NEXTAUTH_URL?.startsWith('https://') === true
}

/** 256 random bits: the browser has the token, the database its hash, so that neither a backup nor a secret forges one. */
export function newSessionToken(): string {
  return randomBytes(32).toString('base64url')
}

/** SHA-256 in base64url; undefined for what is no token. */
export function hashOfToken(token: string | undefined): string | undefined {
  if (!token || !/^[\w-]{43}$/.test(token)) return undefined
  return createHash('sha256').update(token).digest('base64url')
}

/** The session token in a `Cookie` header; undefined where there is none. */
export function sessionToken(cookieHeader: string, isSecure: boolean): string | undefined {
  return parseCookies(cookieHeader).get(sessionCookieName(isSecure))
}

export function parseCookies(header: string): Map<string, string> {
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

/** A `Set-Cookie` header for all of this host; an age of 0 removes the cookie. */
export function setCookie(
  name: string,
  value: string,
  { isSecure, maxAgeSeconds }: { isSecure: boolean; maxAgeSeconds: number },
): string {
  const secure = isSecure ? '; Secure' : ''
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`
}

/** The cookie of an open session. */
export function sessionCookie(config: Config, token: string): string {
  const isSecure = isBehindTls(config)
  const maxAgeSeconds = config.SESSION_MAX_AGE_SECONDS
  return setCookie(sessionCookieName(isSecure), token, { isSecure, maxAgeSeconds })
}

export function removedSessionCookie(config: Config): string {
  const isSecure = isBehindTls(config)
  return setCookie(sessionCookieName(isSecure), '', { isSecure, maxAgeSeconds: 0 })
}

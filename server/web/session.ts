import { createHash } from 'node:crypto'
import { decode } from 'next-auth/jwt'
import { z } from 'zod'
import type { Config } from '#server/config.ts'
import type { Actor } from '#server/usecases/context.ts'
import { sessionSecret } from './auth-options.ts'

export type Person = Extract<Actor, { type: 'person' }>

export type Sessions = {
  /** Who sent this `Cookie` header; undefined where nobody is signed in. */
  personOf(cookieHeader: string | undefined): Promise<Person | undefined>
}

const cacheMs = 5000
const cacheEntriesMax = 10_000
const plainName = 'next-auth.session-token'
const secureName = `__Secure-${plainName}`

const tokenSchema = z.object({
  user: z.string().min(1),
  name: z.string().nullish(),
  groups: z.array(z.string()),
})

/** Reads next-auth's sealed cookie on raw requests. Opening the seal is dear, so what it held is kept for seconds. */
export function createSessions(config: Config): Sessions {
  const secret = sessionSecret(config)
  const secureOnly = config.NEXTAUTH_URL?.startsWith('https://') === true
  const cache = new Map<string, { until: number; person: Promise<Person | undefined> }>()

  async function open(token: string): Promise<Person | undefined> {
    // A seal that does not open is a session that has ended: another secret, another time, a forgery.
    const held = await decode({ token, secret }).catch(() => undefined)
    const parsed = tokenSchema.safeParse(held)
    if (!parsed.success) return undefined
    const { user, name, groups } = parsed.data
    return { type: 'person', user, name: name ?? user, groups }
  }

  return {
    async personOf(cookieHeader) {
      if (!cookieHeader) return undefined
      const cookies = parseCookies(cookieHeader)
      const token =
        joinChunks(cookies, secureName) || (secureOnly ? '' : joinChunks(cookies, plainName))
      if (!token) return undefined
      const key = createHash('sha256').update(token).digest('base64')
      const now = performance.now()
      const known = cache.get(key)
      if (known && known.until > now) return known.person
      cache.delete(key)
      const [oldest] = cache.keys()
      if (cache.size >= cacheEntriesMax && oldest !== undefined) cache.delete(oldest)
      const person = open(token)
      cache.set(key, { until: now + cacheMs, person })
      return person
    },
  }
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
  const whole = cookies.get(name)
  if (whole) return whole
  let joined = ''
  for (let index = 0; cookies.has(`${name}.${index}`); index++) {
    joined += cookies.get(`${name}.${index}`)
  }
  return joined
}

import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Seal } from './seal.ts'

/** The session in a sealed cookie; undefined where it holds none, or its time is over. */
export type OpenCookie = (sealed: string) => Promise<string | undefined>

const heldSchema = z.object({ session: z.string().min(1), exp: z.number() })
const keptMs = 60_000
const keptMax = 10_000

/**
 * Opens cookies, and keeps what they held under their hash for a minute: opening one takes longer than all else that
 * lies between a question and the model. Whether the session in it still stands is asked each time, elsewhere.
 */
export function openedCookies(seal: Pick<Seal, 'open'>, now = Date.now): OpenCookie {
  const opened = new Map<string, { until: number; session: string }>()

  return async (sealed) => {
    const key = createHash('sha256').update(sealed).digest('base64')
    const nowMs = now()
    const known = opened.get(key)
    if (known && known.until > nowMs) return known.session
    opened.delete(key)
    // A seal that does not open is nobody's: another secret, another time, a forgery. Nothing is kept of it.
    const held = heldSchema.safeParse(await seal.open(sealed))
    if (!held.success) return undefined
    const { session, exp } = held.data
    // Maps keep the order of insertion: what goes first was opened first.
    const [oldest] = opened.keys()
    if (opened.size >= keptMax && oldest !== undefined) opened.delete(oldest)
    opened.set(key, { until: Math.min(nowMs + keptMs, exp * 1000), session })
    return session
  }
}

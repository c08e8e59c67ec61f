import { z } from 'zod'
import { AppError } from '#server/platform/model/errors.ts'
import { clockToleranceSeconds } from './provider-discovery.ts'
import type { Told } from './session-store.ts'

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'
/** Seconds; the provider sends it at once, or a few times more. */
const oldestSeconds = 5 * 60

const text = z.string().regex(/^\P{Cc}{1,1000}$/u)
const schema = z.object({
  iss: text,
  aud: z.union([text, z.array(text).max(100)]),
  iat: z.number(),
  exp: z.number().optional(),
  events: z.record(z.string(), z.unknown()),
  nonce: z.undefined().optional(),
  sub: text.optional(),
  sid: text.optional(),
})

/**
 * Who is signed out by the verified payload of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6);
 * throws `bad-request` for every other. The provider's clock may be off by a minute: so are the sessions that it means.
 */
export function parseLogoutToken(
  payload: Uint8Array,
  expected: { issuer: string; audience: string; nowMs: number },
): Told {
  const { success, data } = schema.safeParse(jsonOf(payload))
  if (!success) throw refused()
  const { iss, aud, iat, exp, events, sub, sid } = data
  const nowSeconds = expected.nowMs / 1000
  const isOurs = iss === expected.issuer && [aud].flat().includes(expected.audience)
  const isOfNow =
    iat <= nowSeconds + clockToleranceSeconds &&
    iat >= nowSeconds - oldestSeconds - clockToleranceSeconds &&
    (exp === undefined || exp > nowSeconds - clockToleranceSeconds)
  const isNamed = sub !== undefined || sid !== undefined
  if (!isOurs || !isOfNow || !(logoutEvent in events) || !isNamed) throw refused()
  return {
    subject: sub,
    session: sid,
    before: new Date((Math.floor(iat) + 1 + clockToleranceSeconds) * 1000),
  }
}

function jsonOf(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'))
  } catch {
    return undefined
  }
}

function refused(): AppError {
  return new AppError('bad-request', 'This is no logout token that signs out a session here.')
}

import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { AppError } from '#server/domain/errors.ts'
import { gatewayAudience } from '#server/domain/names.ts'
import type { Kube } from '#server/kube/kube.ts'

export type Account = { user: string; groups: string[] }

export type TokenReviews = {
  /** Who sent it; throws `unauthenticated` where nobody we know made it for us, `unavailable` where nobody can be asked. */
  review(token: string): Promise<Account>
}

const keptMs = 60_000
const refusalKeptMs = 10_000
const entriesMax = 10_000

/** TokenReviews, kept for a minute at most under the token's hash; many that ask at once ask upstream once. */
export function tokenReviews(kube: Pick<Kube, 'reviewToken'>, now: () => Date): TokenReviews {
  const known = new Map<string, { until: number; answer: Promise<Account | undefined> }>()

  function ask(token: string): Promise<Account | undefined> {
    const key = createHash('sha256').update(token).digest('base64')
    const nowMs = now().getTime()
    const there = known.get(key)
    if (there && there.until > nowMs) return there.answer
    known.delete(key)
    const [oldest] = known.keys()
    if (known.size >= entriesMax && oldest !== undefined) known.delete(oldest)

    const until = Math.min(nowMs + keptMs, expiryMs(token) ?? Number.POSITIVE_INFINITY)
    const entry = { until, answer: kube.reviewToken(token, gatewayAudience) }
    known.set(key, entry)
    entry.answer.then(
      (account) => {
        if (!account) entry.until = nowMs + refusalKeptMs
      },
      () => {
        if (known.get(key) === entry) known.delete(key)
      },
    )
    return entry.answer
  }

  return {
    async review(token) {
      refuseOtherAudience(token)
      const account = await ask(token).catch((cause: unknown) => {
        throw new AppError('unavailable', 'The token cannot be checked right now.', {
          key: 'identity_unavailable',
          retryAfterSeconds: 2,
          cause,
        })
      })
      if (!account)
        throw invalidToken('The token is not valid: it has expired, or its pod is gone.')
      return account
    },
  }
}

/** Whether it can be a Kubernetes token at all; clients send `EMPTY` and the like where they have none. */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)
}

/** Read without a proof, only to say early and exactly what is wrong; the review decides. */
function refuseOtherAudience(token: string): void {
  let audiences: string[]
  try {
    audiences = [decodeJwt(token).aud ?? []].flat()
  } catch {
    throw invalidToken('The token cannot be read.')
  }
  if (audiences.includes(gatewayAudience)) return
  throw invalidToken(
    `The token was made for another audience; project one with audience "${gatewayAudience}".`,
  )
}

function expiryMs(token: string): number | undefined {
  const { exp } = decodeJwt(token)
  return exp === undefined ? undefined : exp * 1000
}

export function invalidToken(message: string): AppError {
  return new AppError('unauthenticated', message, { key: 'invalid_token' })
}

import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Kube } from '#server/platform/kube/kube.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { gatewayAudience } from '#server/platform/model/names.ts'

export type Account = { user: string; groups: string[] }

export type TokenReviews = {
  /**
   * Who sent it, from which address. Throws `unauthenticated` where the cluster does not know the token,
   * `quota-exhausted` where the address sent too many such tokens, `unavailable` where the cluster cannot be asked.
   */
  review(token: string, address: string): Promise<Account>
}

type Accepted = { until: number; account: Account }

const keptMs = 60_000
const refusalKeptMs = 10_000
const entriesMax = 10_000
/** Reviews of tokens never accepted before, per address: so many at once, then one each second. */
const unknownBurst = 60
const unknownRefillMs = 1_000

/**
 * TokenReviews, cached under the token's hash for a minute at most; concurrent calls with one token share a review.
 * Refusals are cached apart, so that a flood of invented tokens evicts no valid one.
 */
export function tokenReviews(kube: Pick<Kube, 'reviewToken'>, now: () => Date): TokenReviews {
  const accepted = new LRUCache<string, Accepted>({ max: entriesMax })
  const refused = new LRUCache<string, { until: number }>({ max: entriesMax })
  const inFlight = new Map<string, Promise<Account | undefined>>()
  const budgets = new LRUCache<string, { emptyUntil: number }>({ max: entriesMax })

  function ask(token: string, address: string): Promise<Account | undefined> {
    const key = createHash('sha256').update(token).digest('base64')
    const nowMs = now().getTime()
    const known = accepted.get(key)
    if (known && known.until > nowMs) return Promise.resolve(known.account)
    if ((refused.get(key)?.until ?? 0) > nowMs) return Promise.resolve(undefined)
    const running = inFlight.get(key)
    if (running) return running
    const refund = known ? undefined : spend(address, nowMs)
    const answer = kube.reviewToken(token, gatewayAudience).then((account) => {
      if (account) {
        const until = Math.min(nowMs + keptMs, expiryMs(token) ?? Number.POSITIVE_INFINITY)
        accepted.set(key, { until, account })
        refund?.()
      } else {
        accepted.delete(key)
        refused.set(key, { until: nowMs + refusalKeptMs })
      }
      return account
    })
    const settled = answer.finally(() => inFlight.delete(key))
    inFlight.set(key, settled)
    return settled
  }

  /** Takes one review from the address's budget; what it returns gives it back. */
  function spend(address: string, nowMs: number): () => void {
    const budget = budgets.get(address) ?? { emptyUntil: nowMs }
    budget.emptyUntil = Math.max(budget.emptyUntil, nowMs)
    const waitMs = budget.emptyUntil + unknownRefillMs - nowMs - unknownBurst * unknownRefillMs
    if (waitMs > 0) {
      throw new AppError('quota-exhausted', 'This address sent too many tokens that are invalid.', {
        key: 'too_many_invalid_tokens',
        retryAfterSeconds: waitMs / 1000,
      })
    }
    budget.emptyUntil += unknownRefillMs
    budgets.set(address, budget)
    return () => {
      budget.emptyUntil -= unknownRefillMs
    }
  }

  return {
    async review(token, address) {
      refuseUnasked(token, now())
      const account = await askOrFail(() => ask(token, address))
      if (!account) throw invalidToken(expired)
      return account
    },
  }
}

const expired = 'The token is not valid: it has expired, or its pod is gone.'

async function askOrFail(ask: () => Promise<Account | undefined>): Promise<Account | undefined> {
  try {
    return await ask()
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'quota-exhausted') throw cause
    throw new AppError('unavailable', 'The token cannot be checked right now.', {
      key: 'identity_unavailable',
      retryAfterSeconds: 2,
      cause,
    })
  }
}

/** Whether it can be a Kubernetes token at all; clients send `EMPTY` and the like where they have none. */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text)
}

/** Read without a proof, only to say early and exactly what is wrong; the review decides. */
function refuseUnasked(token: string, now: Date): void {
  let audiences: string[]
  let until: number | undefined
  try {
    audiences = [decodeJwt(token).aud ?? []].flat()
    until = expiryMs(token)
  } catch {
    throw invalidToken('The token cannot be read.')
  }
  if (!audiences.includes(gatewayAudience)) {
    throw invalidToken(
      `The token was made for another audience; project one with audience "${gatewayAudience}".`,
    )
  }
  if (until !== undefined && until + clockToleranceMs < now.getTime()) throw invalidToken(expired)
}

const clockToleranceMs = 60_000

function expiryMs(token: string): number | undefined {
  const { exp } = decodeJwt(token)
  return typeof exp === 'number' ? exp * 1000 : undefined
}

export function invalidToken(message: string): AppError {
  return new AppError('unauthenticated', message, { key: 'invalid_token' })
}

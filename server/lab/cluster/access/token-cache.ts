import type { TokenAuthority, VerifiedToken } from './service-account-tokens.ts'

const rememberedMax = 4096

/**
 * Good answers are kept for a while, as an API server keeps them (10 s): a token is accepted for so long after its
 * account, or the pod that it is bound to, is gone. Bad ones are not kept.
 */
export function cacheTokens(
  authority: TokenAuthority,
  ttlMs: number,
  nowMs: () => number = () => performance.now(),
): TokenAuthority {
  const kept = new Map<string, { verified: VerifiedToken; untilMs: number }>()
  return {
    ...authority,
    async verify(token) {
      const known = kept.get(token)
      if (known && nowMs() < known.untilMs) return known.verified
      kept.delete(token)
      const verified = await authority.verify(token)
      if (!verified || ttlMs <= 0) return verified
      const [oldest] = kept.keys()
      if (kept.size >= rememberedMax && oldest !== undefined) kept.delete(oldest)
      kept.set(token, { verified, untilMs: nowMs() + ttlMs })
      return verified
    },
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import { compactVerify, createRemoteJWKSet, customFetch, errors } from 'jose'
import type { ProviderFetch } from './provider-fetch.ts'

export type ProviderKeys = {
  /** The payload of a token that a key at `uri` signed by one of the algorithms; rejects for every other. */
  verify(token: string, uri: string, algorithms: string[]): Promise<Uint8Array>
}

/** Asymmetric signatures of the field (RFC 7518, 8037, 9864). */
const signing = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/** Of what discovery says (default by OpenID Connect: RS256) those that prove a signer: never `none`, never a MAC. */
export function signingAlgorithms(supported: readonly string[] = ['RS256']): string[] {
  return signing.filter((one) => supported.includes(one))
}

const keptMs = 10 * 60_000

/**
 * The provider's keys, cached for ten minutes. A token with an unknown key id fetches them again at once, at most each
 * `cooldownMs`: a token that comes within it waits for its turn, so that a rotation refuses nobody.
 */
export function createProviderKeys(
  fetch: ProviderFetch,
  times: { deadlineMs: number; cooldownMs: number },
): ProviderKeys {
  let kept: { uri: string; set: ReturnType<typeof createRemoteJWKSet> } | undefined

  function setOf(uri: string) {
    if (kept?.uri === uri) return kept.set
    const set = createRemoteJWKSet(new URL(uri), {
      cooldownDuration: times.cooldownMs,
      cacheMaxAge: keptMs,
      timeoutDuration: times.deadlineMs,
      [customFetch]: fetch,
    })
    kept = { uri, set }
    return set
  }

  return {
    async verify(token, uri, algorithms) {
      const set = setOf(uri)
      const options = { algorithms }
      const verify = async () => {
        try {
          return (await compactVerify(token, set, options)).payload
        } catch (error) {
          if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
          // A token without a key id, of a provider with several keys.
          for await (const key of error) {
            const verified = await compactVerify(token, key, options).catch(() => undefined)
            if (verified) return verified.payload
          }
          throw error
        }
      }
      try {
        return await verify()
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        await pause(times.cooldownMs)
        return verify()
      }
    },
  }
}

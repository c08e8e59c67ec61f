import type { CircuitBreaker } from '#server/platform/time/circuit-breaker.ts'
import { providerAway, providerUnusable } from './provider-failure.ts'

export type ProviderFetch = (
  url: string,
  init: { method: string; headers: HeadersInit; body?: string },
) => Promise<Response>

/** Far above a key set or a token with hundreds of groups. */
const answerBytesMax = 1024 * 1024
/** Null-body statuses of the fetch standard. */
const withoutBody = new Set([204, 205, 304])

/**
 * Asks the provider with a deadline for the whole answer, its body included, and a bound on its decoded size. No
 * redirect is followed: an endpoint is where the discovery document says.
 */
export function createProviderFetch(breaker: CircuitBreaker, deadlineMs: number): ProviderFetch {
  return (url, { method, headers, body }) =>
    breaker.run(async () => {
      const signal = AbortSignal.timeout(deadlineMs)
      const init = { method, headers, body, redirect: 'manual', signal } as const
      const answer = await fetch(url, init).catch((cause) => {
        throw providerAway(cause)
      })
      if (answer.status >= 500 || answer.status === 429) {
        void answer.body?.cancel().catch(() => {})
        throw providerAway(new Error(`${new URL(url).origin} answered ${answer.status}.`))
      }
      const bytes = await readBounded(answer)
      const { status, headers: sent } = answer
      return new Response(withoutBody.has(status) ? null : bytes, { status, headers: sent })
    })
}

async function readBounded({ body }: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of body ?? []) {
      bytes += chunk.byteLength
      if (bytes > answerBytesMax) break
      chunks.push(chunk)
    }
  } catch (cause) {
    throw providerAway(cause)
  }
  if (bytes > answerBytesMax) {
    throw providerUnusable(new Error(`The answer is larger than ${answerBytesMax} bytes.`))
  }
  return new Uint8Array(Buffer.concat(chunks))
}

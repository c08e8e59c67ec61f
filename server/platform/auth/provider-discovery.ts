import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretJwt,
  ClientSecretPost,
  type Configuration,
  clockTolerance,
  customFetch,
  discovery,
} from 'openid-client'
import { z } from 'zod'
import type { Log } from '#server/platform/log.ts'
import { providerFailure } from './provider-failure.ts'
import type { ProviderFetch } from './provider-fetch.ts'

/** How far the provider's clock may be from ours, both ways, wherever a time of its own is read. */
export const clockToleranceSeconds = 60

export type ProviderDiscovery = {
  /** The client by the provider's own metadata, whose calls go through `fetch`. */
  client(fetch: ProviderFetch): Promise<Configuration>
}

type Known = { answer: Response; readAtMs: number }

/** What the provider says of itself is read again after that, in the background. */
const freshForMs = 10 * 60_000
/** While it cannot be read, what was known stands so long. */
const keptForMs = 24 * 3600_000
/** A failure stands so long, whoever else begins to sign in. */
const failedForMs = 5_000

/**
 * The provider's discovery document (OpenID Connect Discovery 1.0): read once for all who need it, its issuer compared
 * with OIDC_ISSUER, kept while the provider is away.
 */
export function createDiscovery(parts: {
  issuer: URL
  clientId: string
  clientSecret: string
  fetch: ProviderFetch
  log: Log
}): ProviderDiscovery {
  const { issuer, clientId, clientSecret, log } = parts
  let known: Known | undefined
  let failed: { error: Error; untilMs: number } | undefined
  let reading: Promise<Known> | undefined

  /** The library's own way, with the document from `first` and every later call through `fetch`. */
  function clientBy(
    first: (url: string) => Promise<Response>,
    fetch: ProviderFetch,
  ): Promise<Configuration> {
    let isFirst = true
    let methods: string[] | undefined
    return discovery(
      issuer,
      clientId,
      { [clockTolerance]: clockToleranceSeconds },
      (...call) => authentication(methods, clientSecret)(...call),
      {
        // Above the deadlines of `fetch`, which hold for the body as well.
        timeout: 120,
        execute: issuer.protocol === 'http:' ? [allowInsecureRequests] : [],
        async [customFetch](url, { method, headers, body }) {
          if (!isFirst) return fetch(url, { method, headers, body: bodyOf(body) })
          isFirst = false
          const answer = await first(url)
          methods = methodsOf(await answer.clone().text())
          return answer
        },
      },
    )
  }

  async function read(): Promise<Known> {
    let answer: Response | undefined
    const first = async (url: string) => {
      const read = await parts.fetch(url, {
        method: 'GET',
        headers: { accept: 'application/json' },
      })
      answer = read.clone()
      return read
    }
    try {
      await clientBy(first, parts.fetch)
    } catch (error) {
      const failure = providerFailure(error)
      failed = { error: failure, untilMs: performance.now() + failedForMs }
      log.warn({ err: failure, issuer: issuer.href }, 'provider discovery failed')
      throw failure
    }
    if (!answer) throw new Error('The discovery document was not read.')
    known = { answer, readAtMs: performance.now() }
    failed = undefined
    return known
  }

  function readOnce(): Promise<Known> {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  async function document(): Promise<Known> {
    const ageMs = known ? performance.now() - known.readAtMs : Number.POSITIVE_INFINITY
    if (known && ageMs < freshForMs) return known
    const isFailed = failed !== undefined && failed.untilMs > performance.now()
    if (known && ageMs < keptForMs) {
      if (!isFailed) readOnce().catch(() => {})
      return known
    }
    if (failed && isFailed) throw failed.error
    return readOnce()
  }

  return {
    async client(fetch) {
      const { answer } = await document()
      return clientBy(async () => answer.clone(), fetch)
    },
  }
}

/** Forms are all that a client of OpenID Connect sends. */
function bodyOf(body: unknown): string | undefined {
  return body instanceof URLSearchParams ? body.toString() : undefined
}

const methodsSchema = z.object({ token_endpoint_auth_methods_supported: z.array(z.string()) })

function methodsOf(document: string): string[] | undefined {
  try {
    return methodsSchema.safeParse(JSON.parse(document)).data?.token_endpoint_auth_methods_supported
  } catch {
    return undefined
  }
}

/** By what discovery says; where it says nothing, `client_secret_basic` (OpenID Connect Discovery 1.0, section 3). */
function authentication(methods: string[] = ['client_secret_basic'], secret: string) {
  if (methods.includes('client_secret_basic')) return ClientSecretBasic(secret)
  if (methods.includes('client_secret_post')) return ClientSecretPost(secret)
  if (methods.includes('client_secret_jwt')) return ClientSecretJwt(secret)
  return ClientSecretBasic(secret)
}

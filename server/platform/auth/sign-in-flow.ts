import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Config } from '#server/platform/config.ts'
import type { Log } from '#server/platform/log.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { ownPath } from '#server/platform/model/same-site-path.ts'
import type { IdentityProvider, SignInRequest } from './identity-provider.ts'
import { personOfClaims, type Refusal } from './oidc-claims.ts'
import type { Session, Vouched } from './session.ts'
import {
  cookiePrefix,
  isBehindTls,
  parseCookies,
  sessionCookie,
  setCookie,
} from './session-cookie.ts'

export type Opened = { user: string; name: string; groups: string[] }

/** Where the browser goes next, and the cookies that it takes along. */
export type Step = { location: string; cookies: string[] }

/** What the sign-in page is told in `?error=`, in words of its own for each. */
export type SignInError =
  | Refusal
  | 'AccessDenied'
  | 'SignInExpired'
  | 'ProviderAway'
  | 'ProviderRefusesClient'
  | 'ProviderUnusable'
  | 'Failed'

export type SignInFlow = {
  /** Sends the browser to the provider. Throws `unavailable` where that does not answer. */
  begin(from: { origin: string; cookieHeader: string; returnTo: string }): Promise<Step>
  /** The browser is back, with a code or with the provider's refusal. Never throws: each failure has its page. */
  finish(from: { origin: string; cookieHeader: string; query: URLSearchParams }): Promise<Step>
}

type Flow = SignInRequest & { returnTo: string; atMs: number }

const callbackPath = '/api/auth/callback/oidc'
const flowSeconds = 15 * 60
/** Of one browser at once; a header of cookies has to stay below what servers read. */
const flowsMax = 5
const returnCharsMax = 1_000

const flowSchema = z.object({
  redirectUri: z.url().max(500),
  state: z.string().max(100),
  nonce: z.string().max(100),
  verifier: z.string().max(100),
  returnTo: z.string().max(returnCharsMax),
  atMs: z.number(),
})

/**
 * Sign-in at the provider: code flow with PKCE, state and nonce. Each attempt has a cookie of its own under its state,
 * so that two tabs do not overwrite each other's; it needs no secret, so that any replica can finish it.
 */
export function createSignInFlow(parts: {
  config: Config
  provider: IdentityProvider
  sessionOf: (cookieHeader: string) => Promise<Session | undefined>
  open: (person: Opened, vouched: Vouched) => Promise<{ token: string }>
  log: Log
}): SignInFlow {
  const { config, provider, sessionOf, open, log } = parts
  const isSecure = isBehindTls(config)
  const prefix = `${cookiePrefix(isSecure)}sign-in.`
  const removed = (name: string) => setCookie(name, '', { isSecure, maxAgeSeconds: 0 })
  const nameOf = (state: string) => `${prefix}${state.slice(0, 16)}`

  function flowsIn(cookieHeader: string): { name: string; flow: Flow | undefined }[] {
    return [...parseCookies(cookieHeader)]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => ({ name, flow: parseFlow(value) }))
  }

  async function signedIn(flow: Flow, query: URLSearchParams): Promise<Step> {
    const callback = new URL(flow.redirectUri)
    callback.search = query.toString()
    const { claims, ...vouched } = await provider.redeem(callback, flow)
    const person = personOfClaims(claims, config)
    if ('refused' in person) {
      log.warn(
        { refused: person.refused, subject: vouched.subject.slice(0, 256) },
        'sign-in refused',
      )
      return failed(person.refused, flow.returnTo)
    }
    const { token } = await open(person, vouched)
    return { location: flow.returnTo, cookies: [sessionCookie(config, token)] }
  }

  return {
    async begin({ origin, cookieHeader, returnTo }) {
      const own = ownPath(returnTo, origin) ?? '/'
      const flow: Flow = {
        redirectUri: new URL(callbackPath, origin).href,
        state: secret(),
        nonce: secret(),
        verifier: secret(),
        returnTo: own.length > returnCharsMax ? '/' : own,
        atMs: Date.now(),
      }
      const location = await provider.authorizationUrl(flow)
      const value = Buffer.from(JSON.stringify(flow)).toString('base64url')
      const oldest = flowsIn(cookieHeader)
        .toSorted((a, b) => (b.flow?.atMs ?? 0) - (a.flow?.atMs ?? 0))
        .slice(flowsMax - 1)
      const cookies = oldest.map(({ name }) => removed(name))
      const cookie = setCookie(nameOf(flow.state), value, { isSecure, maxAgeSeconds: flowSeconds })
      return { location, cookies: [...cookies, cookie] }
    },

    async finish({ origin, cookieHeader, query }) {
      const state = query.get('state') ?? ''
      const name = nameOf(state)
      const flow = flowsIn(cookieHeader).find((one) => one.name === name)?.flow
      if (!flow || flow.state !== state || Date.now() - flow.atMs > flowSeconds * 1000) {
        // The Back button, or a bookmark of this address, in a browser that is signed in.
        const session = await sessionOf(cookieHeader).catch(() => undefined)
        return session ? { location: '/', cookies: [] } : failed('SignInExpired', undefined)
      }
      const returnTo = ownPath(flow.returnTo, origin) ?? '/'
      const step = await signedIn({ ...flow, returnTo }, query).catch((error) => {
        log.warn({ err: error }, 'sign-in failed')
        return failed(signInErrorOf(error, query.get('error')), returnTo)
      })
      return { ...step, cookies: [...step.cookies, removed(name)] }
    },
  }
}

function failed(error: SignInError, returnTo: string | undefined): Step {
  const query = new URLSearchParams({ error, ...(returnTo ? { callbackUrl: returnTo } : {}) })
  return { location: `/sign-in?${query}`, cookies: [] }
}

const errorsOfKeys: Record<string, SignInError> = {
  'session.providerSilent': 'ProviderAway',
  'session.providerRefusesClient': 'ProviderRefusesClient',
  'session.providerUnusable': 'ProviderUnusable',
}

/** `said` is the provider's own error code (RFC 6749, section 4.1.2.1), where it sent the browser back with one. */
function signInErrorOf(error: unknown, said: string | null): SignInError {
  if (said === 'access_denied') return 'AccessDenied'
  const key = error instanceof AppError ? error.details.key : undefined
  return (key && errorsOfKeys[key]) || 'Failed'
}

function parseFlow(value: string): Flow | undefined {
  try {
    const text = Buffer.from(value, 'base64url').toString('utf8')
    return flowSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}

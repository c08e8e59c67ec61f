import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

type Key = { kid: string; alg: string; privateKey: CryptoKey; jwk: object }
type Answer = (request: IncomingMessage, response: ServerResponse, form: URLSearchParams) => unknown

/** An OpenID provider that does what a test says, also what no proper one would: every endpoint can be replaced. */
export async function startScriptedProvider() {
  /** How often each path was requested. */
  const asked: Record<string, number> = {}
  const keys = new Map<string, Key>()
  const nonces = new Map<string, string>()
  const refreshTokens = new Set<string>()
  let current = await newKey('RS256')
  const state = {
    /** Paths that are answered otherwise. */
    instead: {} as Record<string, Answer | undefined>,
    discovery: {} as Record<string, unknown>,
    claims: {} as Record<string, unknown>,
    token: {} as Record<string, unknown>,
    header: {} as Record<string, unknown>,
    /** Its clock, in seconds ahead of ours. */
    clockSeconds: 0,
    /** Keys as they are published; those of every signature unless set. */
    published: undefined as object[] | undefined,
  }

  async function newKey(alg: string): Promise<Key> {
    const kid = randomUUID()
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
    const key = {
      kid,
      alg,
      privateKey,
      jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    }
    keys.set(kid, key)
    return key
  }

  async function signed(claims: JWTPayload): Promise<string> {
    const header = { alg: current.alg, kid: current.kid, ...state.header }
    return new SignJWT(claims).setProtectedHeader(header).sign(current.privateKey)
  }

  async function idToken(nonce: string | undefined): Promise<string> {
    const iat = Math.floor(Date.now() / 1000) + state.clockSeconds
    const { claims } = state
    return signed({
      ...{ iss: issuer, aud: 'bindery', sub: 'ella', preferred_username: 'ella', name: 'Ella' },
      ...{ groups: ['bindery-admins'], iat, exp: iat + 300, nonce, ...claims },
    })
  }

  function newRefreshToken(): string {
    const token = randomUUID()
    refreshTokens.add(token)
    return token
  }

  const answers: Record<string, Answer> = {
    '/.well-known/openid-configuration': (_, response) =>
      sendJson(response, 200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        userinfo_endpoint: `${issuer}/userinfo`,
        jwks_uri: `${issuer}/jwks`,
        end_session_endpoint: `${issuer}/end`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        ...state.discovery,
      }),
    '/jwks': (_, response) =>
      sendJson(response, 200, {
        keys: state.published ?? [...keys.values()].map(({ jwk }) => jwk),
      }),
    '/authorize'({ url = '' }, response) {
      const query = new URL(url, issuer).searchParams
      const code = randomUUID()
      nonces.set(code, query.get('nonce') ?? '')
      const back = new URL(query.get('redirect_uri') ?? '')
      back.search = new URLSearchParams({ code, state: query.get('state') ?? '' }).toString()
      response.writeHead(302, { location: back.href }).end()
    },
    async '/token'(_, response, form) {
      const spent = form.get('refresh_token')
      const nonce = spent === null ? nonces.get(form.get('code') ?? '') : undefined
      // Each serves once, as a provider that rotates them has it.
      if (spent === null ? nonce === undefined : !refreshTokens.delete(spent)) {
        return sendJson(response, 400, { error: 'invalid_grant' })
      }
      const body = {
        ...{ access_token: randomUUID(), token_type: 'Bearer', expires_in: 300 },
        ...{ refresh_token: newRefreshToken(), id_token: await idToken(nonce), ...state.token },
      }
      return sendJson(response, 200, body)
    },
  }

  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    asked[path] = (asked[path] ?? 0) + 1
    let body = ''
    for await (const chunk of request) body += chunk
    const answer = state.instead[path] ?? answers[path]
    if (answer) await answer(request, response, new URLSearchParams(body))
    else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`

  return {
    issuer,
    asked,
    state,
    signed,
    newRefreshToken,
    /** Signs by this algorithm from now on, with a new key. */
    async signBy(alg: string) {
      current = await newKey(alg)
    },
    /** Answers a path as it would without a script. */
    properly: (path: string): Answer => answers[path] ?? (() => {}),
    settings: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: 'bindery',
      OIDC_CLIENT_SECRET: 'a-secret',
      OIDC_USERNAME_CLAIM: 'preferred_username',
      OIDC_USERNAME_PREFIX: '-',
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

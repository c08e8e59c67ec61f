import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { importJWK, type JWTPayload, SignJWT } from 'jose'
import Provider, { type Configuration } from 'oidc-provider'
import { freePort } from './free-port.ts'

export const client = { id: 'bindery', secret: 'a-secret-of-the-browser-tests' }

type Account = { name: string; groups: string[] }

/** A real provider with pages of its own, which asks for PKCE and puts names and groups into the id token. */
export async function startProvider(appUrl: string) {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  /** Who has an account there, and what the provider says of them now. */
  const accounts: Record<string, Account> = {
    ada: { name: 'Ada Okafor', groups: ['research-team-a', 'chess-club'] },
    ella: { name: 'Ella Berg', groups: ['research-team-a', 'bindery-admins'] },
    nobody: { name: 'No Team', groups: [] },
    // A name that Kubernetes keeps for itself: nobody may become it by signing in.
    'system:admin': { name: 'Mallory', groups: ['system:masters'] },
  }
  const life = { seconds: 3600 }
  let key = newKey()
  let provider = newProvider()
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/token')) asked.tokens++
    if (outage.isOn) return response.writeHead(503).end()
    return provider.callback()(request, response)
  })
  const asked = { tokens: 0 }
  const outage = { isOn: false }
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  function newProvider(): Provider {
    const configuration: Configuration = {
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          grant_types: ['authorization_code', 'refresh_token'],
          redirect_uris: [`${appUrl}/api/auth/callback/oidc`],
          post_logout_redirect_uris: [`${appUrl}/sign-in`],
          backchannel_logout_uri: `${appUrl}/api/sign-out/provider`,
          backchannel_logout_session_required: true,
        },
      ],
      jwks: { keys: [key] },
      scopes: ['openid', 'profile', 'email', 'groups'],
      claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
      conformIdTokenClaims: false,
      findAccount: (_, id) => {
        const account = accounts[id]
        if (!account) return undefined
        return {
          accountId: id,
          claims: async () => ({ sub: id, preferred_username: id, ...account }),
        }
      },
      pkce: { required: () => true },
      cookies: { keys: ['browser-tests'] },
      // Its own would refuse to tell anything to an address of this machine.
      fetch: (url, options) => fetch(url, { ...options, ...{ dispatcher: undefined } }),
      features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
      ttl: { AccessToken: () => life.seconds, IdToken: () => life.seconds },
      // Each serves once: used again, all that came of the sign-in is void.
      rotateRefreshToken: () => true,
      issueRefreshToken: async () => true,
    }
    return new Provider(issuer, configuration)
  }

  async function grantOf(login: string) {
    const grant = new provider.Grant({ accountId: login, clientId: client.id })
    grant.addOIDCScope('openid profile groups')
    return grant.save()
  }

  return {
    issuer,
    accounts,
    /** How long what it says from now on is good for. */
    life,
    /** How often its token endpoint was asked. */
    asked,
    /** While it is on, every answer is 503. */
    outage,
    /** From now on it signs with another key, and knows the one before no more. */
    rotateKeys() {
      key = newKey()
      provider = newProvider()
    },
    /** A refresh token, as a sign-in of this account would have brought it. */
    async refreshTokenOf(login: string): Promise<string> {
      const found = await provider.Client.find(client.id)
      if (!found) throw new Error('The client is not there.')
      const token = new provider.RefreshToken({
        accountId: login,
        client: found,
        grantId: await grantOf(login),
        gty: 'authorization_code',
        scope: 'openid profile groups',
        claims: {},
      })
      return token.save()
    },
    /** Tells the app that this account's session there is over; rejects where the app does not take it. */
    async tellSignedOut(login: string, session: string): Promise<void> {
      const found = await provider.Client.find(client.id)
      const logout: unknown = found && Reflect.get(found, 'backchannelLogout')
      if (typeof logout !== 'function') throw new Error('The provider tells nobody.')
      await logout.apply(found, [login, session])
    },
    /** Any claims, under the key of now, as a logout token. */
    async signed(claims: JWTPayload): Promise<string> {
      const header = { alg: key.alg, kid: key.kid, typ: 'logout+jwt' }
      return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(key, key.alg))
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = String(Math.random())
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }
}

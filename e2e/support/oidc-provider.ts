import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { freePort } from './free-port.ts'

export const client = { id: 'bindery', secret: 'a-secret-of-the-browser-tests' }

/** Who has an account there, and what the provider says of them. */
const accounts: Record<string, { name: string; groups: string[] }> = {
  ada: { name: 'Ada Okafor', groups: ['research-team-a', 'chess-club'] },
  nobody: { name: 'No Team', groups: [] },
  // A name that Kubernetes keeps for itself: nobody may become it by signing in.
  'system:admin': { name: 'Mallory', groups: ['system:masters'] },
}

/** A real provider with pages of its own, which asks for PKCE and puts names and groups into the id token. */
export async function startProvider(
  appUrl: string,
): Promise<{ issuer: string; close(): Promise<void> }> {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [`${appUrl}/api/auth/callback/oidc`],
      },
    ],
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => {
      const account = accounts[id]
      if (!account) return undefined
      return {
        accountId: id,
        claims: async () => ({ sub: `id-of-${id}`, preferred_username: id, ...account }),
      }
    },
    pkce: { required: () => true },
    cookies: { keys: ['browser-tests'] },
    features: { devInteractions: { enabled: true } },
  })
  const server = provider.listen(port, '127.0.0.1')
  if (!server.listening) await once(server, 'listening')
  return {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

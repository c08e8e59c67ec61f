import { randomUUID, type webcrypto } from 'node:crypto'
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose'
import { z } from 'zod'
import type { User } from '#server/lab/cluster/api/user.ts'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'

export type BoundObject = { kind: string; apiVersion: string; name: string; uid: string }

export type TokenGrant = {
  serviceAccount: KubeObject
  audiences: string[]
  expirationSeconds: number
  /** A Pod or Secret: the token dies with it. */
  boundTo?: BoundObject
  /** The node of a bound pod. */
  node?: { name: string; uid?: string }
}

/** What a token says, once signature and times are checked and what it is bound to is still there. */
export type VerifiedToken = { user: User; audiences: string[] }

/** Signs and checks the tokens of ServiceAccounts with a key that lives as long as the cluster. */
export type TokenAuthority = {
  issuer: string
  sign(grant: TokenGrant): Promise<{ token: string; expires: Date }>
  /** @returns undefined for whatever is no valid token of this cluster now */
  verify(token: string): Promise<VerifiedToken | undefined>
  keys(): { keys: JWK[] }
}

const bound = z.object({ name: z.string(), uid: z.string() })

const claims = z.object({
  exp: z.number(),
  jti: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).transform((one) => [one].flat()),
  'kubernetes.io': z.object({
    namespace: z.string(),
    serviceaccount: bound,
    pod: bound.optional(),
    secret: bound.optional(),
    node: z.object({ name: z.string(), uid: z.string().optional() }).optional(),
  }),
})

type Claims = z.infer<typeof claims>

/** How many checked signatures are remembered; what a token is bound to is looked at every time. */
const remembered = 2_000

export async function createTokenAuthority(
  client: ClusterClient,
  issuer: string,
): Promise<TokenAuthority> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  const checked = new Map<string, Claims>()
  return {
    issuer,
    sign: (grant) => sign(grant, issuer, kid, privateKey),
    async verify(token) {
      const known = checked.get(token) ?? (await readClaims(token, issuer, publicKey))
      if (!known) return undefined
      if (known.exp * 1000 <= Date.now()) {
        checked.delete(token)
        return undefined
      }
      const [oldest] = checked.keys()
      if (checked.size >= remembered && oldest !== undefined) checked.delete(oldest)
      checked.set(token, known)
      return isAlive(client, known) ? { user: userOf(known), audiences: known.aud } : undefined
    },
    keys: () => ({ keys: [{ ...jwk, kid, alg: 'ES256', use: 'sig' }] }),
  }
}

function serviceAccountUser(namespace: string, name: string, uid: string): User {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: serviceAccountGroups(namespace),
  }
}

export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
}

async function sign(
  grant: TokenGrant,
  issuer: string,
  kid: string,
  key: webcrypto.CryptoKey,
): Promise<{ token: string; expires: Date }> {
  const { name, namespace = '', uid } = grant.serviceAccount.metadata
  const now = Math.floor(Date.now() / 1000)
  const expires = now + grant.expirationSeconds
  const { boundTo, node } = grant
  const facts = {
    namespace,
    serviceaccount: { name, uid },
    ...(boundTo ? { [boundTo.kind.toLowerCase()]: { name: boundTo.name, uid: boundTo.uid } } : {}),
    ...(node ? { node } : {}),
  }
  const token = await new SignJWT({ 'kubernetes.io': facts })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(issuer)
    .setSubject(`system:serviceaccount:${namespace}:${name}`)
    .setAudience(grant.audiences)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(expires)
    .setJti(randomUUID())
    .sign(key)
  return { token, expires: new Date(expires * 1000) }
}

async function readClaims(
  token: string,
  issuer: string,
  key: webcrypto.CryptoKey,
): Promise<Claims | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, { issuer, algorithms: ['ES256'] })
    return claims.safeParse(payload).data
  } catch {
    return undefined
  }
}

function isAlive(client: ClusterClient, { 'kubernetes.io': facts }: Claims): boolean {
  const { namespace, serviceaccount, pod, secret } = facts
  const stands = (resource: string, wanted: { name: string; uid: string }) =>
    client.find(resource, namespace, wanted.name)?.metadata.uid === wanted.uid
  return (
    stands('serviceaccounts', serviceaccount) &&
    (!pod || stands('pods', pod)) &&
    (!secret || stands('secrets', secret))
  )
}

function userOf({ jti, 'kubernetes.io': facts }: Claims): User {
  const { namespace, serviceaccount, pod, node } = facts
  const extra: Record<string, string[]> = {}
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) extra[`authentication.kubernetes.io/${name}`] = [value]
  }
  add('credential-id', jti && `JTI=${jti}`)
  add('node-name', node?.name)
  add('node-uid', node?.uid)
  add('pod-name', pod?.name)
  add('pod-uid', pod?.uid)
  return { ...serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid), extra }
}

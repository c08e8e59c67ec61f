import { expect, test } from 'vitest'
import { call, client, issuer, named, objects } from '#server/lab/cluster/testing/test-objects.ts'
import { authenticate, staticTokens } from './authenticate.ts'
import { createTokenAuthority } from './service-account-tokens.ts'
import { cacheTokens } from './token-cache.ts'
import { tokenRequestHandler } from './token-request.ts'
import { tokenReviewHandlers } from './token-reviews.ts'

test('a ServiceAccount token works for its audiences while its account and its pod stand', async () => {
  const authority = await createTokenAuthority(client, issuer)
  const request = tokenRequestHandler(client, authority)
  const at = { namespace: 'rec-a', name: 'reader' }
  const forApi = await call(request, { spec: {} }, at)
  expect(forApi.spec).toEqual({
    audiences: [issuer],
    expirationSeconds: 3600,
    boundObjectRef: null,
  })
  const bearer = { authorization: `Bearer ${forApi.status.token}` }
  const none = staticTokens({})
  expect(await authenticate(client, none, authority, bearer)).toMatchObject({
    username: 'system:serviceaccount:rec-a:reader',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:rec-a', 'system:authenticated'],
  })

  const gateway = await call(request, { spec: { audiences: ['gateway'] } }, at)
  const foreign = { authorization: `Bearer ${gateway.status.token}` }
  expect(await authenticate(client, none, authority, foreign)).toBeUndefined()

  const withPod = await call(
    request,
    { spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' } } },
    at,
  )
  const ofPod = { authorization: `Bearer ${withPod.status.token}` }
  expect((await authenticate(client, none, authority, ofPod))?.extra).toMatchObject({
    'authentication.kubernetes.io/pod-name': ['p'],
    'authentication.kubernetes.io/node-name': ['node'],
  })
  const pods = objects.pods
  objects.pods = []
  expect(await authenticate(client, none, authority, ofPod)).toBeUndefined()
  objects.pods = pods ?? []
  const accounts = objects.serviceaccounts ?? []
  objects.serviceaccounts = accounts.map((one) => ({
    ...one,
    metadata: { ...one.metadata, uid: 'another' },
  }))
  expect(await authenticate(client, none, authority, bearer)).toBeUndefined()
  objects.serviceaccounts = accounts
  expect(await authenticate(client, none, authority, bearer)).toBeDefined()
})

test('a token that was good is taken to be good for a while after its account is gone', async () => {
  let ms = 0
  const direct = await createTokenAuthority(client, issuer)
  const cached = cacheTokens(direct, 10_000, () => ms)
  const [serviceAccount] = objects.serviceaccounts ?? []
  const made = { serviceAccount: serviceAccount!, audiences: [issuer], expirationSeconds: 600 }
  const { token } = await cached.sign(made)
  const { token: later } = await cached.sign(made)
  expect(await cached.verify(token)).toBeDefined()
  const accounts = objects.serviceaccounts ?? []
  objects.serviceaccounts = []
  ms = 9_999
  expect(await cached.verify(token)).toBeDefined()
  expect(await cached.verify(later), 'never seen before').toBeUndefined()
  ms = 10_000
  expect(await cached.verify(token)).toBeUndefined()
  objects.serviceaccounts = accounts
  expect(await cached.verify(later), 'a refusal is not kept').toBeDefined()
})

test('another cluster, another key; and no token of another algorithm', async () => {
  const one = await createTokenAuthority(client, issuer)
  const other = await createTokenAuthority(client, issuer)
  const [serviceAccount] = objects.serviceaccounts ?? []
  const { token } = await one.sign({
    serviceAccount: serviceAccount!,
    audiences: [issuer],
    expirationSeconds: 600,
  })
  expect(await one.verify(token)).toBeDefined()
  expect(await other.verify(token)).toBeUndefined()
  const [, payload] = token.split('.')
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
  expect(await one.verify(unsigned)).toBeUndefined()
})

test('a token for less than ten minutes, or for a pod of another account, is refused', async () => {
  const request = tokenRequestHandler(client, await createTokenAuthority(client, issuer))
  const at = { namespace: 'rec-a', name: 'reader' }
  await expect(call(request, { spec: { expirationSeconds: 10 } }, at)).rejects.toThrow(
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
  )
  await expect(call(request, {}, { ...at, name: 'nobody' })).rejects.toThrow(
    'serviceaccounts "nobody" not found',
  )
  const wrongUid = { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: 'other' }
  await expect(call(request, { spec: { boundObjectRef: wrongUid } }, at)).rejects.toThrow(
    'does not match the UID in record',
  )
})

test('TokenReview tells the audiences that fit', async () => {
  const authority = await createTokenAuthority(client, issuer)
  const tokens = staticTokens({ secret: { username: 'root', groups: ['system:masters'] } })
  const review = named(tokenReviewHandlers(tokens, authority), 'tokenreviews')
  const [serviceAccount] = objects.serviceaccounts ?? []
  const { token } = await authority.sign({
    serviceAccount: serviceAccount!,
    audiences: ['gateway'],
    expirationSeconds: 600,
  })
  expect(
    (await call(review, { spec: { token, audiences: ['gateway', 'x'] } })).status,
  ).toMatchObject({
    authenticated: true,
    audiences: ['gateway'],
    user: { username: 'system:serviceaccount:rec-a:reader' },
  })
  expect((await call(review, { spec: { token } })).status).toEqual({
    user: {},
    error: `[invalid bearer token, token audiences ["gateway"] is invalid for the target audiences ["${issuer}"]]`,
  })
  expect((await call(review, { spec: { token: 'garbage' } })).status).toEqual({
    user: {},
    error: 'invalid bearer token',
  })
  expect((await call(review, { spec: { token: 'secret' } })).status).toMatchObject({
    authenticated: true,
  })
  await expect(call(review, { spec: {} })).rejects.toThrow('token is required')
  await expect(call(review, { spec: { token: 7 } })).rejects.toThrow(
    'cannot be handled as a TokenReview: spec.token',
  )
})

test('fixed tokens, no credentials, bad credentials', async () => {
  const authority = await createTokenAuthority(client, issuer)
  const tokens = staticTokens({ 'ada-token': { username: 'ada', groups: ['lab'] } })
  const who = (authorization?: string) => authenticate(client, tokens, authority, { authorization })
  expect(await who('Bearer ada-token')).toEqual({
    username: 'ada',
    groups: ['lab', 'system:authenticated'],
  })
  expect(await who()).toEqual({ username: 'system:anonymous', groups: ['system:unauthenticated'] })
  expect(await who('Bearer nonsense')).toBeUndefined()
  expect(await who('Bearer')).toBeUndefined()
})

test('impersonation needs the right to it', async () => {
  const authority = await createTokenAuthority(client, issuer)
  const tokens = staticTokens({
    root: { username: 'root', groups: ['system:masters'] },
    grace: { username: 'grace', groups: [] },
  })
  const as = (token: string, headers: Record<string, string | string[]>) =>
    authenticate(client, tokens, authority, { authorization: `Bearer ${token}`, ...headers })
  expect(
    await as('root', { 'impersonate-user': 'ada', 'impersonate-group': ['a, b', 'c'] }),
  ).toEqual({
    username: 'ada',
    groups: ['a, b', 'c', 'system:authenticated'],
  })
  expect((await as('root', { 'impersonate-user': 'system:serviceaccount:x:y' }))?.groups).toContain(
    'system:serviceaccounts:x',
  )
  expect((await as('grace', { 'impersonate-user': 'ada' }))?.username).toBe('ada')
  await expect(as('grace', { 'impersonate-user': 'eve' })).rejects.toThrow(
    'users "eve" is forbidden: User "grace" cannot impersonate resource "users" in API group "" at the cluster scope',
  )
  await expect(
    as('grace', { 'impersonate-user': 'ada', 'impersonate-group': 'system:masters' }),
  ).rejects.toThrow('groups "system:masters" is forbidden')
  await expect(as('grace', { 'impersonate-group': 'system:masters' })).rejects.toThrow(
    'without impersonating a user',
  )
})

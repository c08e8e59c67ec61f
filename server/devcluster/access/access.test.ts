import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import type { ApiRequest, Handler } from '#server/devcluster/api/handler.ts'
import type { User } from '#server/devcluster/api/user.ts'
import type { KubeObject } from '#server/devcluster/client.ts'
import { accessReviewHandlers } from './access-reviews.ts'
import { authenticate, staticTokens } from './authenticate.ts'
import { authorize, forbiddenError } from './authorize.ts'
import { admitBinding, admitRole } from './escalation.ts'
import { objectsClient } from './objects-client.ts'
import type { PolicyRule, RoleRef, Subject } from './rbac-objects.ts'
import { createTokenAuthority } from './service-account-tokens.ts'
import { tokenRequestHandler } from './token-request.ts'
import { tokenReviewHandlers } from './token-reviews.ts'

const apiGroup = 'rbac.authorization.k8s.io'
const issuer = 'https://kubernetes.default.svc'

function object(
  kind: string,
  name: string,
  namespace: string | undefined,
  fields: object = {},
): KubeObject {
  const metadata = {
    name,
    uid: `uid-of-${name}`,
    resourceVersion: '1',
    creationTimestamp: '',
    ...(namespace ? { namespace } : {}),
  }
  return { apiVersion: 'v1', kind, metadata, ...fields }
}

function role(name: string, namespace: string | undefined, rules: PolicyRule[]): KubeObject {
  return object(namespace ? 'Role' : 'ClusterRole', name, namespace, { rules })
}

function binding(
  name: string,
  namespace: string | undefined,
  roleRef: RoleRef,
  subjects: Subject[],
): KubeObject {
  return object(namespace ? 'RoleBinding' : 'ClusterRoleBinding', name, namespace, {
    roleRef,
    subjects,
  })
}

const configReader = role('r', 'rec-a', [
  { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] },
  {
    apiGroups: ['example.dev'],
    resources: ['widgets'],
    verbs: ['approve'],
    resourceNames: ['one'],
  },
])

const objects: Record<string, KubeObject[]> = {
  serviceaccounts: [object('ServiceAccount', 'reader', 'rec-a')],
  pods: [object('Pod', 'p', 'rec-a', { spec: { serviceAccountName: 'reader', nodeName: 'node' } })],
  nodes: [object('Node', 'node', undefined)],
  [`roles.${apiGroup}`]: [
    configReader,
    role('owner', 'rec-a', [
      { apiGroups: [apiGroup], resources: ['roles', 'rolebindings'], verbs: ['create', 'bind'] },
    ]),
  ],
  [`clusterroles.${apiGroup}`]: [
    role('impersonator', undefined, [
      { apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: ['ada'] },
    ]),
    role('logs', undefined, [
      { apiGroups: [''], resources: ['pods/log', '*/status'], verbs: ['get'] },
    ]),
    role('paths', undefined, [{ nonResourceURLs: ['/metrics', '/apis/*'], verbs: ['get'] }]),
  ],
  [`rolebindings.${apiGroup}`]: [
    binding('r', 'rec-a', { kind: 'Role', name: 'r', apiGroup }, [
      { kind: 'ServiceAccount', name: 'reader', namespace: 'rec-a' },
      { kind: 'Group', name: 'oidc:lab', apiGroup },
      { kind: 'User', name: 'ada', apiGroup },
    ]),
    binding('owner', 'rec-a', { kind: 'Role', name: 'owner', apiGroup }, [
      { kind: 'User', name: 'ada' },
    ]),
    binding('broken', 'rec-b', { kind: 'Role', name: 'gone', apiGroup }, [
      { kind: 'User', name: 'ada' },
    ]),
  ],
  [`clusterrolebindings.${apiGroup}`]: [
    binding('i', undefined, { kind: 'ClusterRole', name: 'impersonator' }, [
      { kind: 'User', name: 'grace' },
    ]),
    binding('l', undefined, { kind: 'ClusterRole', name: 'logs' }, [
      { kind: 'Group', name: 'viewers' },
    ]),
    binding('p', undefined, { kind: 'ClusterRole', name: 'paths' }, [
      { kind: 'Group', name: 'viewers' },
    ]),
  ],
}
const client = objectsClient(objects)

const ada: User = { username: 'ada', groups: ['system:authenticated'] }
const admin: User = { username: 'root', groups: ['system:masters'] }
const viewer: User = { username: 'vi', groups: ['viewers'] }

function asked(verb: string, resource: string, namespace?: string, name?: string, group = '') {
  const [plural = '', subresource] = resource.split('/')
  return {
    verb,
    group,
    version: 'v1',
    resource: plural,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  }
}

test('a binding allows what its role says, and the reason names it', () => {
  expect(authorize(client, ada, asked('get', 'configmaps', 'rec-a'))).toEqual({
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "r/rec-a" of Role "r" to User "ada"',
  })
  expect(authorize(client, ada, asked('get', 'configmaps', 'rec-c')).allowed).toBe(false)
  expect(authorize(client, ada, asked('get', 'configmaps')).allowed).toBe(false)
  expect(
    authorize(client, ada, asked('approve', 'widgets', 'rec-a', 'one', 'example.dev')).allowed,
  ).toBe(true)
  expect(
    authorize(client, ada, asked('approve', 'widgets', 'rec-a', 'two', 'example.dev')).allowed,
  ).toBe(false)
  expect(
    authorize(client, ada, asked('approve', 'widgets', 'rec-a', undefined, 'example.dev')).allowed,
  ).toBe(false)
  expect(authorize(client, admin, asked('delete', 'nodes')).allowed).toBe(true)
})

test('a binding to a role that is gone allows nothing and says so', () => {
  expect(authorize(client, ada, asked('get', 'configmaps', 'rec-b'))).toEqual({
    allowed: false,
    reason: 'RBAC: role.rbac.authorization.k8s.io "gone" not found',
  })
})

test('subresources and paths are rights of their own', () => {
  expect(authorize(client, viewer, asked('get', 'pods/log', 'rec-a')).allowed).toBe(true)
  expect(authorize(client, viewer, asked('get', 'pods', 'rec-a')).allowed).toBe(false)
  expect(authorize(client, viewer, asked('get', 'widgets/status', 'x')).allowed).toBe(true)
  expect(authorize(client, viewer, { verb: 'get', path: '/apis/x' }).allowed).toBe(true)
  expect(authorize(client, viewer, { verb: 'get', path: '/api' }).allowed).toBe(false)
  expect(authorize(client, viewer, { verb: 'post', path: '/metrics' }).allowed).toBe(false)
})

test('a refusal reads as the API server words it', () => {
  expect(forbiddenError(ada, asked('get', 'pods/log', 'rec-a', 'x'), '').toBody()).toMatchObject({
    code: 403,
    message:
      'pods "x" is forbidden: User "ada" cannot get resource "pods/log" in API group "" in the namespace "rec-a"',
    details: { name: 'x', kind: 'pods' },
  })
  expect(forbiddenError(ada, { verb: 'get', path: '/metrics' }, '').message).toBe(
    'forbidden: User "ada" cannot get path "/metrics"',
  )
})

test('nobody grants what they do not hold', () => {
  const writer = { client, user: ada }
  const wanted = role('more', 'rec-a', [
    { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
  ])
  expect(() => admitRole(wanted, undefined, writer)).toThrow(
    'roles.rbac.authorization.k8s.io "more" is forbidden: user "ada" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
  )
  expect(() => admitRole(wanted, wanted, writer)).not.toThrow()
  expect(() => admitRole(wanted, undefined, { client, user: admin })).not.toThrow()
  expect(() => admitRole(wanted, undefined, { client, user: undefined })).not.toThrow()
  expect(() => admitRole(configReader, undefined, writer)).not.toThrow()
  // The right to bind roles does not reach cluster roles.
  const toRole = binding('b', 'rec-a', { kind: 'Role', name: 'r' }, [])
  const toClusterRole = binding('b', 'rec-a', { kind: 'ClusterRole', name: 'logs' }, [])
  expect(() => admitBinding(toRole, undefined, writer)).not.toThrow()
  expect(() => admitBinding(toClusterRole, undefined, writer)).toThrow(
    'permissions not currently held',
  )
  const toNothing = binding('b', 'rec-a', { kind: 'ClusterRole', name: 'none' }, [])
  expect(() => admitBinding(toNothing, undefined, writer)).toThrow(
    'clusterroles.rbac.authorization.k8s.io "none" not found',
  )
})

type Answer = {
  spec: object
  status: { token?: string; allowed?: boolean; audiences?: string[]; resourceRules?: object[] }
}

async function call(handler: Handler | undefined, body: object, over: Partial<ApiRequest> = {}) {
  const request = await apiRequest(body, over)
  const reply = await handler?.handle(request)
  if (!reply || reply === 'written' || !('body' in reply)) throw new Error('no JSON answer')
  return reply.body as Answer
}

/** A request as the server passes it on, taken from a real one. */
async function apiRequest(body: object, over: Partial<ApiRequest>): Promise<ApiRequest> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const answered = fetch(`http://127.0.0.1:${port}`, { method: 'POST' })
  const [incoming, outgoing] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  outgoing.end()
  await answered
  server.close()
  return {
    verb: 'create',
    method: 'POST',
    group: '',
    version: 'v1',
    resource: '',
    subpath: '',
    query: new URLSearchParams(),
    user: ada,
    dryRun: false,
    body: async () => body,
    signal: new AbortController().signal,
    incoming,
    outgoing,
    ...over,
  }
}

function named(handlers: Handler[], plural: string): Handler | undefined {
  return handlers.find((one) => one.plural === plural)
}

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

test('access reviews answer for others and for oneself', async () => {
  const handlers = accessReviewHandlers(client)
  const resourceAttributes = { namespace: 'rec-a', verb: 'get', resource: 'configmaps' }
  const sar = named(handlers, 'subjectaccessreviews')
  expect(
    await call(sar, { spec: { user: 'eve', groups: ['oidc:lab'], resourceAttributes } }),
  ).toEqual({
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: { user: 'eve', groups: ['oidc:lab'], resourceAttributes },
    status: {
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "r/rec-a" of Role "r" to Group "oidc:lab"',
    },
  })
  expect((await call(sar, { spec: { user: 'eve', resourceAttributes } })).status).toEqual({
    allowed: false,
  })
  await expect(call(sar, { spec: { resourceAttributes } })).rejects.toThrow(
    '.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
  )
  const self = named(handlers, 'selfsubjectaccessreviews')
  expect((await call(self, { spec: { resourceAttributes } })).status.allowed).toBe(true)
  const local = named(handlers, 'localsubjectaccessreviews')
  await expect(
    call(local, { spec: { user: 'ada', resourceAttributes } }, { namespace: 'rec-b' }),
  ).rejects.toThrow('must match namespace: rec-b')
  const rules = named(handlers, 'selfsubjectrulesreviews')
  expect((await call(rules, { spec: { namespace: 'rec-a' } })).status.resourceRules).toEqual(
    expect.arrayContaining([
      { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] },
    ]),
  )
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Body, eventually } from './api-caller.ts'
import { openTarget, type Target } from './target-cluster.ts'

let target: Target
const rbac = '/apis/rbac.authorization.k8s.io/v1'

beforeAll(async () => {
  target = await openTarget(process.env.KUBECONFIG)
})
afterAll(() => target.close())

async function tokenOf(name: string, spec: object = {}): Promise<string> {
  const accounts = `/api/v1/namespaces/${target.namespace}/serviceaccounts`
  await target.api.post(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } })
  const { body } = await target.api.post(`${accounts}/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec,
  })
  return body.status.token
}

async function review(user: string, resourceAttributes: Body): Promise<Body> {
  const { body } = await target.api.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, resourceAttributes },
  })
  return body.status
}

test('who is not known is refused before anything else', async () => {
  const bad = await target.api.get('/api/v1/namespaces', { token: 'bad' })
  expect([bad.status, bad.body.reason]).toEqual([401, 'Unauthorized'])
  const none = await target.api.get('/api/v1/namespaces', { token: null })
  expect([401, 403]).toContain(none.status)
})

test('a ServiceAccount may do what its roles say, and a review says the same', async () => {
  const token = await tokenOf('worker')
  const pods = `/api/v1/namespaces/${target.namespace}/pods`
  const before = await target.api.get(pods, { token })
  expect([before.status, before.body.reason]).toEqual([403, 'Forbidden'])
  const user = `system:serviceaccount:${target.namespace}:worker`
  expect(before.body.message).toContain(`User "${user}" cannot list resource "pods"`)

  const inside = `${rbac}/namespaces/${target.namespace}`
  await target.api.post(`${inside}/roles`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
  })
  await target.api.post(`${inside}/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'worker', namespace: target.namespace }],
  })
  await eventually(
    () => target.api.get(pods, { token }),
    ({ status }) => status === 200,
  )
  const may = { verb: 'list', resource: 'pods', namespace: target.namespace }
  expect((await review(user, may)).allowed).toBe(true)
  expect((await review(user, { ...may, verb: 'delete' })).allowed).toBe(false)
  expect((await target.api.get('/api/v1/pods', { token })).status).toBe(403)
})

test('a client certificate is judged before a token', async () => {
  if (!target.hasCertificate) return
  const token = await tokenOf('second')
  const who = async (options: object) => {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    return (await target.api.post(path, review, options)).body.status.userInfo.username
  }
  const own = await who({})
  expect(await who({ token, withCertificate: true })).toBe(own)
  expect(await who({ token })).toBe(`system:serviceaccount:${target.namespace}:second`)
})

test('a token is reviewed by its audience, and dies with its account', async () => {
  const token = await tokenOf('speaker', { audiences: ['bindery'], expirationSeconds: 600 })
  const ask = async (audiences: string[]) => {
    const { body } = await target.api.post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences },
    })
    return body.status
  }
  const good = await ask(['bindery'])
  expect([good.authenticated, good.audiences]).toEqual([true, ['bindery']])
  expect(good.user.username).toBe(`system:serviceaccount:${target.namespace}:speaker`)
  expect((await ask(['other'])).authenticated).toBeFalsy()
  expect((await target.api.get('/version', { token })).status).toBe(401)
  await target.api.delete(`/api/v1/namespaces/${target.namespace}/serviceaccounts/speaker`)
  // A good token is remembered for ten seconds.
  const since = performance.now()
  while ((await ask(['bindery'])).authenticated) await new Promise((next) => setTimeout(next, 200))
  expect(performance.now() - since).toBeLessThan(20_000)
})

test('nobody gives away rights that they do not have', async () => {
  const user = `system:serviceaccount:${target.namespace}:nobody`
  const asNobody = { headers: { 'impersonate-user': user } }
  const roles = `${rbac}/namespaces/${target.namespace}/roles`
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'author' },
    rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['create'] }],
  }
  await target.api.post(roles, role)
  await target.api.post(`${rbac}/namespaces/${target.namespace}/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'author' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'author' },
    subjects: [{ kind: 'ServiceAccount', name: 'nobody', namespace: target.namespace }],
  })
  const greedy = {
    ...role,
    metadata: { name: 'greedy' },
    rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['*'] }],
  }
  const refused = await eventually(
    () => target.api.post(roles, greedy, asNobody),
    ({ body }) => /attempting to grant RBAC permissions not currently held/.test(body.message),
  )
  expect(refused.status).toBe(403)
})

import { expect, test } from 'vitest'
import {
  ada,
  admin,
  asked,
  binding,
  call,
  client,
  configReader,
  named,
  role,
  viewer,
} from '#server/lab/cluster/testing/test-objects.ts'
import { accessReviewHandlers } from './access-reviews.ts'
import { authorize, forbiddenError } from './authorize.ts'
import { admitBinding, admitRole } from './escalation.ts'

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

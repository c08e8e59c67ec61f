import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from './api-caller.ts'
import { openTarget, type Target } from './target-cluster.ts'

let target: Target
let path: string

beforeAll(async () => {
  target = await openTarget(process.env.KUBECONFIG)
  path = `/api/v1/namespaces/${target.namespace}/configmaps`
})
afterAll(() => target.close())

async function create(name: string, metadata: object = {}): Promise<string> {
  const { body } = await target.api.post(path, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...metadata },
  })
  return body.metadata.uid
}

function ownedBy(name: string, uid: string, more: object = {}) {
  return { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid, ...more }] }
}

const isGone = ({ status }: { status: number }) => status === 404

test('what an owner leaves behind is collected', async () => {
  const uid = await create('owner')
  await create('owned', ownedBy('owner', uid))
  await target.api.delete(`${path}/owner?propagationPolicy=Background`)
  await eventually(() => target.api.get(`${path}/owned`), isGone)
})

test('a foreground deletion waits for dependents that block it', async () => {
  const uid = await create('parent')
  await create('child', {
    ...ownedBy('parent', uid, { blockOwnerDeletion: true }),
    finalizers: ['example.dev/hold'],
  })
  await target.api.delete(`${path}/parent?propagationPolicy=Foreground`)
  const child = await eventually(
    () => target.api.get(`${path}/child`),
    ({ body }) => body.metadata.deletionTimestamp !== undefined,
  )
  expect(child.status).toBe(200)
  const parent = await target.api.get(`${path}/parent`)
  expect(parent.body.metadata.finalizers).toContain('foregroundDeletion')
  await target.api.patch(`${path}/child`, { metadata: { finalizers: null } })
  await eventually(() => target.api.get(`${path}/parent`), isGone)
})

test('an orphan stays, without its owner', async () => {
  const uid = await create('leaving')
  await create('orphan', ownedBy('leaving', uid))
  await target.api.delete(`${path}/leaving?propagationPolicy=Orphan`)
  await eventually(() => target.api.get(`${path}/leaving`), isGone)
  const orphan = await target.api.get(`${path}/orphan`)
  expect([orphan.status, orphan.body.metadata.ownerReferences]).toEqual([200, undefined])
})

test('a namespace that ends takes its content along and accepts nothing new', async () => {
  const name = `${target.namespace}-b`
  const inside = `/api/v1/namespaces/${name}/configmaps`
  const held = { name: 'held', finalizers: ['example.dev/hold'] }
  await target.api.post('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  })
  await target.api.post(inside, { apiVersion: 'v1', kind: 'ConfigMap', metadata: held })
  await target.api.delete(`/api/v1/namespaces/${name}`)
  const ending = await target.api.get(`/api/v1/namespaces/${name}`)
  expect(ending.body.status.phase).toBe('Terminating')
  const refused = await target.api.post(inside, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'late' },
  })
  expect([refused.status, refused.body.details.causes[0].reason]).toEqual([
    403,
    'NamespaceTerminating',
  ])
  await eventually(
    () => target.api.get(`${inside}/held`),
    ({ body }) => body.metadata.deletionTimestamp !== undefined,
  )
  await target.api.patch(`${inside}/held`, { metadata: { finalizers: null } })
  await eventually(() => target.api.get(`/api/v1/namespaces/${name}`), isGone)
})

test('every namespace has an account for its pods and the CA of the cluster', async () => {
  const account = `/api/v1/namespaces/${target.namespace}/serviceaccounts/default`
  await eventually(
    () => target.api.get(account),
    ({ status }) => status === 200,
  )
  const ca = await eventually(
    () => target.api.get(`${path}/kube-root-ca.crt`),
    ({ status }) => status === 200,
  )
  expect(ca.body.data['ca.crt']).toContain('BEGIN CERTIFICATE')
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { connectKube } from './connect-kube.ts'
import { ConfigMap, Lease, Namespace, RoleBinding, ServiceAccount } from './kinds.ts'
import type { Kube } from './kube.ts'
import { followLog } from './log/follow-log.ts'
import { lead } from './watch/leader.ts'
import { sharedWatch } from './watch/shared-watch.ts'

type Cluster = Awaited<ReturnType<typeof startCluster>>

let cluster: Cluster
let kube: Kube
const ending = new AbortController()
const namespace = 'kube-test'

beforeAll(async () => {
  cluster = await startCluster({ port: 0, signal: ending.signal })
  kube = connectKube({ kubeconfigText: cluster.kubeconfig, times: { retryBaseMs: 10 } })
  const metadata = { name: namespace }
  await kube.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata })
})

afterAll(async () => {
  ending.abort()
  await kube?.close()
  await cluster?.close()
})

function configMap(name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data }
}

test('objects: created, read, listed, changed, removed; races are conflicts', async () => {
  const created = await kube.create(ConfigMap, configMap('a', { x: '1' }))
  expect(await kube.get(ConfigMap, { namespace, name: 'a' })).toEqual(created)
  await expect(kube.create(ConfigMap, configMap('a'))).rejects.toMatchObject({
    details: { key: 'kube.alreadyExists' },
  })
  await kube.replace(ConfigMap, { ...created, data: { x: '2' } })
  await expect(kube.replace(ConfigMap, created)).rejects.toMatchObject({
    details: { key: 'kube.conflict' },
  })
  const patched = await kube.patch(ConfigMap, { namespace, name: 'a' }, { data: { y: '3' } })
  expect(patched.data).toEqual({ x: '2', y: '3' })
  const ref = { namespace, name: 'a' }
  const replaced = await kube.patch(ConfigMap, ref, [{ op: 'remove', path: '/data/x' }], {
    type: 'json',
  })
  expect(replaced.data).toEqual({ y: '3' })
  await expect(kube.remove(ConfigMap, ref, { uid: 'another' })).rejects.toMatchObject({
    code: 'conflict',
  })
  await kube.remove(ConfigMap, ref, { uid: created.metadata.uid })
  expect(await kube.find(ConfigMap, ref)).toBeUndefined()
})

test('server-side apply: dry run stores nothing, a foreign field is told with its manager', async () => {
  const wish = configMap('applied', { x: '1' })
  await kube.apply(ConfigMap, wish, { fieldManager: 'one', dryRun: true })
  expect(await kube.find(ConfigMap, { namespace, name: 'applied' })).toBeUndefined()
  await kube.apply(ConfigMap, wish, { fieldManager: 'one' })
  const other = configMap('applied', { x: '2' })
  await expect(kube.apply(ConfigMap, other, { fieldManager: 'two' })).rejects.toMatchObject({
    details: {
      key: 'kube.fieldConflict',
      fields: [{ field: '.data.x', message: 'conflict with "one"' }],
    },
  })
  const forced = await kube.apply(ConfigMap, other, { fieldManager: 'two', force: true })
  expect(forced.data).toEqual({ x: '2' })
})

test('what is kept without managed fields can be written back, and its owners stay', async () => {
  await kube.apply(ConfigMap, configMap('kept', { x: '1' }), { fieldManager: 'one' })
  const [kept] = await kube.list(ConfigMap, { namespace, fieldSelector: 'metadata.name=kept' })
  expect(kept).not.toHaveProperty('metadata.managedFields')
  if (kept)
    await kube.replace(ConfigMap, { ...kept, metadata: { ...kept.metadata, labels: { l: 'v' } } })
  const foreign = kube.apply(ConfigMap, configMap('kept', { x: '2' }), { fieldManager: 'two' })
  await expect(foreign).rejects.toMatchObject({ details: { key: 'kube.fieldConflict' } })
})

test('a namespace that is being deleted says so', async () => {
  const name = 'kube-test-ending'
  await kube.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  const held = configMap('held')
  held.metadata = { namespace: name, name: 'held', finalizers: ['example.dev/hold'] }
  await kube.create(ConfigMap, held)
  await kube.remove(Namespace, { name })
  const late = configMap('late')
  late.metadata.namespace = name
  await expect(kube.create(ConfigMap, late)).rejects.toMatchObject({
    code: 'conflict',
    details: { key: 'kube.namespaceTerminating' },
  })
  await kube.patch(ConfigMap, { namespace: name, name: 'held' }, { metadata: { finalizers: null } })
  await expect.poll(() => kube.find(Namespace, { name }), { timeout: 30_000 }).toBeUndefined()
})

test('more objects than a page holds are all listed', async () => {
  const names = Array.from({ length: 612 }, (_, at) => `page-${String(at).padStart(3, '0')}`)
  await Promise.all(
    names.map((name) => {
      const object = configMap(name)
      object.metadata.labels = { many: 'yes' }
      return kube.create(ConfigMap, object)
    }),
  )
  const listed = await kube.list(ConfigMap, { namespace, labelSelector: 'many=yes' })
  expect(listed.map((one) => one.metadata.name).sort()).toEqual(names)
})

test('a watch loses nothing while connections drop and the log is compacted', async () => {
  const watching = new AbortController()
  const watch = sharedWatch(kube, ConfigMap, { namespace, signal: watching.signal })
  await watch.synced(watching.signal)
  const rounds = () =>
    watch
      .list()
      .map((one) => one.metadata.name)
      .filter((name) => name.startsWith('round-'))
  for (let round = 0; round < 12; round++) {
    cluster.client.create('configmaps', configMap(`round-${round}`))
    if (round % 3 === 0) cluster.dropConnections()
    if (round % 4 === 1) cluster.compact()
    if (round > 0) cluster.client.remove('configmaps', namespace, `round-${round - 1}`)
    await expect.poll(rounds, { timeout: 30_000 }).toEqual([`round-${round}`])
  }
  watching.abort()
})

test('who may what: reviews follow RBAC', async () => {
  const question = {
    user: 'eve',
    groups: [],
    verb: 'get',
    group: '',
    resource: 'configmaps',
    namespace,
  }
  expect(await kube.mayAccess(question)).toBe(false)
  await kube.create(RoleBinding, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { namespace, name: 'eve' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'eve' }],
  })
  await expect.poll(() => kube.mayAccess(question)).toBe(true)
  expect(await kube.mayAccess({ ...question, verb: 'delete' })).toBe(false)
})

test('tokens are for the audience that they were made for', async () => {
  const account = { namespace, name: 'caller' }
  const metadata = { ...account }
  await kube.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata })
  const { token, expiresAt } = await kube.requestToken(account, {
    audience: 'bindery',
    expirationSeconds: 600,
  })
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now())
  const found = await kube.reviewToken(token, 'bindery')
  expect(found?.user).toBe(`system:serviceaccount:${namespace}:caller`)
  expect(found?.groups).toContain(`system:serviceaccounts:${namespace}`)
  expect(await kube.reviewToken(token, 'somebody-else')).toBeUndefined()
  expect(await kube.reviewToken('garbage', 'bindery')).toBeUndefined()
  expect((await kube.whoAmI()).groups).toContain('system:masters')
})

test('a certificate that no one vouches for is refused', async () => {
  const config = JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: cluster.url } }],
    users: [{ name: 'u', user: { token: cluster.adminToken } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  })
  const trusting = connectKube({ kubeconfigText: config, times: { retriesMax: 0 } })
  await expect(trusting.list(Namespace)).rejects.toThrow(/certificate .* is not trusted/)
  await trusting.close()
})

test('an election through the API server', async () => {
  const first = new AbortController()
  const second = new AbortController()
  const told: string[] = []
  const where = { kube, namespace, name: 'election', leaseSeconds: 1 }
  const candidate = (identity: string, signal: AbortSignal) =>
    lead({
      ...where,
      identity,
      signal,
      async run(term) {
        told.push(identity)
        await new Promise((resolve) => term.addEventListener('abort', resolve, { once: true }))
      },
    })
  const one = candidate('one', first.signal)
  await expect.poll(() => told).toEqual(['one'])
  const two = candidate('two', second.signal)
  first.abort()
  await one
  await expect.poll(() => told, { timeout: 30_000 }).toEqual(['one', 'two'])
  second.abort()
  await two
  const lease = await kube.get(Lease, { namespace, name: 'election' })
  expect(lease.spec.holderIdentity).toBe('')
})

test('a log is whole although connections drop while it is followed', async () => {
  const script =
    'i=0; while [ $i -lt 60 ]; do echo "line $i"; i=$((i+1)); sleep 0.02; done; printf end'
  const container = { name: 'c', image: 'localhost/busybox:1', command: ['sh', '-c', script] }
  const pod = { namespace, name: 'talker' }
  cluster.client.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...pod },
    spec: { restartPolicy: 'Never', containers: [container] },
  })
  const texts: string[] = []
  const { signal } = ending
  for await (const part of followLog(kube, pod, { container: 'c', signal })) {
    expect(part.type).toBe('lines')
    if (part.type === 'lines') texts.push(...part.lines.map((line) => line.text))
    if (texts.length % 7 === 0) cluster.dropConnections()
  }
  expect(texts).toEqual([...Array.from({ length: 60 }, (_, at) => `line ${at}`), 'end'])
})

test('a log that does not exist is not found', async () => {
  const read = async () => {
    for await (const _ of kube.followLog({ namespace, name: 'none' }, { container: 'c' })) break
  }
  await expect(read()).rejects.toMatchObject({ code: 'not-found' })
})

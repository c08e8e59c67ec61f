import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCluster } from '#server/lab/cluster/start-cluster.ts'
import { createLog } from '#server/platform/log.ts'
import { accessReviews } from './access-reviews.ts'
import { connectKube } from './connect-kube.ts'
import { Namespace, RoleBinding } from './kinds.ts'
import type { AccessQuestion, Kube } from './kube.ts'
import { type RbacIndex, watchRbac } from './rbac-index.ts'
import { ClusterRole, ClusterRoleBinding } from './rbac-kinds.ts'

type Cluster = Awaited<ReturnType<typeof startCluster>>

let cluster: Cluster
let kube: Kube
let rbac: RbacIndex
const ending = new AbortController()
const teams = ['team-a', 'team-b', 'team-c']
const log = createLog('test', 'error')
const rbacApi = 'rbac.authorization.k8s.io/v1'
const list = { verb: 'list', group: '', resource: 'configmaps' }

beforeAll(async () => {
  cluster = await startCluster({ port: 0, signal: ending.signal })
  kube = connectKube({ kubeconfigText: cluster.kubeconfig, signal: ending.signal })
  for (const name of teams) {
    await kube.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  await kube.create(ClusterRole, {
    apiVersion: rbacApi,
    kind: 'ClusterRole',
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
  } as ClusterRole)
  rbac = watchRbac(kube, log, ending.signal)
})

afterAll(async () => {
  ending.abort()
  await kube?.close()
  await cluster?.close()
})

function counted() {
  const asked: AccessQuestion[] = []
  const upstream: Pick<Kube, 'mayAccess'> = {
    mayAccess(question) {
      asked.push(question)
      return kube.mayAccess(question)
    },
  }
  // Neither age nor rounds: only what the RBAC watch says.
  const never = { recheckEveryMs: 3_600_000, freshMs: 3_600_000 }
  const reviews = accessReviews(upstream, { rbac, signal: ending.signal, settleMs: 100, ...never })
  return { reviews, asked }
}

function bindingTo(subject: string, namespace?: string): RoleBinding {
  const kind = namespace ? 'RoleBinding' : 'ClusterRoleBinding'
  const [type = '', name = ''] = subject.split(':')
  return {
    apiVersion: rbacApi,
    kind,
    metadata: { namespace, name: `reads-${name}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
    subjects: [
      { apiGroup: 'rbac.authorization.k8s.io', kind: type === 'User' ? 'User' : 'Group', name },
    ],
  }
}

test('only the namespaces that name a person are reviewed, and a right that comes or goes is known at once', async () => {
  const { reviews, asked } = counted()
  const ada = reviews.of({ user: 'ada', groups: ['system:authenticated'] })
  const seen = async () => {
    const may = await Promise.all(teams.map((namespace) => ada.mayCached({ ...list, namespace })))
    return teams.filter((_, index) => may[index])
  }
  const told = new Set<string>()
  reviews.onChange((affects) => {
    for (const user of ['ada', 'bo']) if (affects({ user, groups: [] })) told.add(user)
  }, ending.signal)
  await expect.poll(() => rbac.isCurrent()).toBe(true)
  expect(await seen()).toEqual([])
  expect(asked.map(({ namespace }) => namespace)).toEqual([undefined])

  await kube.create(RoleBinding, bindingTo('User:ada', 'team-b'))
  await expect.poll(seen, { timeout: 5000 }).toEqual(['team-b'])
  expect([...told]).toEqual(['ada'])
  expect(new Set(asked.map(({ namespace }) => namespace))).toEqual(new Set([undefined, 'team-b']))

  await kube.remove(RoleBinding, { namespace: 'team-b', name: 'reads-ada' })
  await expect.poll(seen, { timeout: 5000 }).toEqual([])

  await kube.create(ClusterRoleBinding, bindingTo('User:ada'))
  await expect.poll(seen, { timeout: 5000 }).toEqual(teams)
  // What is granted everywhere is asked about once.
  expect(new Set(asked.map(({ namespace }) => namespace))).toEqual(new Set([undefined, 'team-b']))
  await kube.remove(ClusterRoleBinding, { name: 'reads-ada' })
  await expect.poll(seen, { timeout: 5000 }).toEqual([])
})

test('a group, a role that says less and a binding of another person each touch only who they name', async () => {
  const { reviews } = counted()
  const groups = ['readers', 'system:authenticated']
  const cy = reviews.of({ user: 'cy', groups })
  const may = () => cy.mayCached({ ...list, namespace: 'team-c' })
  const touched: string[] = []
  reviews.onChange((affects) => {
    if (affects({ user: 'cy', groups })) touched.push('cy')
  }, ending.signal)
  await kube.create(RoleBinding, bindingTo('Group:readers', 'team-c'))
  await expect.poll(may, { timeout: 5000 }).toBe(true)
  // The second look of `settleMs` is over as well.
  await expect.poll(() => touched.length).toBe(2)

  await kube.create(RoleBinding, bindingTo('User:dee', 'team-c'))
  await expect.poll(() => rbac.names(new Set(['User:dee']), 'team-c')).toBe(true)
  expect(touched).toHaveLength(2)

  await kube.patch(ClusterRole, { name: 'reader' }, { rules: [] })
  await expect.poll(may, { timeout: 5000 }).toBe(false)
})

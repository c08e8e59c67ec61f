import { expect } from '@playwright/test'
import { cluster } from './cluster.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'

const finalizers = ['example.com/held']

/**
 * Gives a person a ClusterRole, in one namespace or everywhere; answers how to take it again. `held` by a finalizer, it
 * is theirs until then, although the namespace is deleted.
 */
export async function bindRole({
  user,
  role,
  namespace,
  held = false,
}: {
  user: string
  role: string
  namespace?: string
  held?: boolean
}): Promise<() => Promise<void>> {
  const path = namespace
    ? `${rbac}/namespaces/${namespace}/rolebindings`
    : `${rbac}/clusterrolebindings`
  const name = `e2e-${user}-${role}`
  const apiGroup = 'rbac.authorization.k8s.io'
  await cluster(path, {
    method: 'POST',
    body: {
      apiVersion: `${apiGroup}/v1`,
      kind: namespace ? 'RoleBinding' : 'ClusterRoleBinding',
      metadata: held ? { name, finalizers } : { name },
      roleRef: { apiGroup, kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup, kind: 'User', name: user }],
    },
  })
  return async () => {
    await cluster(`${path}/${name}`, { method: 'DELETE' })
    if (held) await letGo(`${path}/${name}`)
  }
}

function letGo(path: string) {
  return cluster(path, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { metadata: { finalizers: null } },
  })
}

/** A namespace of one's own; `held` by an object with a finalizer, it stays Terminating when it is deleted. */
export async function createNamespace(name: string, { held = false } = {}): Promise<void> {
  const metadata = { name }
  await cluster('/api/v1/namespaces', {
    method: 'POST',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata },
  })
  if (!held) return
  await cluster(`/api/v1/namespaces/${name}/configmaps`, {
    method: 'POST',
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', finalizers },
    },
  })
}

/** Deletes it, and waits until it says that it is going. */
export async function dropNamespace(name: string): Promise<void> {
  await cluster(`/api/v1/namespaces/${name}`, { method: 'DELETE' })
  await expect
    .poll(async () => (await cluster(`/api/v1/namespaces/${name}`)).body)
    .toMatchObject({ status: { phase: 'Terminating' } })
}

/** Lets go what holds it, and waits until it is gone. */
export async function releaseNamespace(name: string): Promise<void> {
  await cluster(`/api/v1/namespaces/${name}`, { method: 'DELETE' })
  await letGo(`/api/v1/namespaces/${name}/configmaps/held`)
  await expect.poll(async () => (await cluster(`/api/v1/namespaces/${name}`)).status).toBe(404)
}

const service = '/apis/bindery.dev/v1alpha1/namespaces/model-serving-prod/modelservices/vibethinker'

type ModelService = { metadata: { generation: number }; status?: { observedGeneration?: number } }

/** Changes what a model service is, as its owner would with kubectl; from then on the controller goes by it. */
export async function setService(spec: object): Promise<void> {
  const { status, body } = await cluster(service, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { spec },
  })
  expect(status).toBe(200)
  const { generation } = (body as ModelService).metadata
  const seen = async () =>
    ((await cluster(service)).body as ModelService).status?.observedGeneration
  await expect.poll(seen).toBeGreaterThanOrEqual(generation)
}

/** Changes by what rules the model service is granted; answers how to have the old ones back. */
export async function setApproval(approval: {
  required?: number
  auto?: object
}): Promise<() => Promise<void>> {
  const { body } = await cluster(service)
  const before = (body as { spec: { approval: { required: number; auto?: object } } }).spec.approval
  const set = (rules: object) => setService({ approval: rules })
  await set(approval)
  return () => set({ auto: null, ...before })
}

const policies = (namespace: string) =>
  `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`

/** Lets the controller reach the port of the gateway that is kept from it, as a network without policies would; answers how to keep it again. */
export async function openNetwork(): Promise<() => Promise<void>> {
  const ways = [{ ports: [{ protocol: 'TCP', port: 8080 }] }]
  const grounds = [
    ['model-serving-prod', 'bindery-gateway', { policyTypes: ['Ingress'], ingress: ways }],
    ['bindery-system', 'bindery-controller', { policyTypes: ['Egress'], egress: ways }],
  ] as const
  for (const [namespace, app, rules] of grounds) {
    const podSelector = { matchLabels: { 'app.kubernetes.io/name': app } }
    const { status } = await cluster(policies(namespace), {
      method: 'POST',
      body: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'e2e-open' },
        spec: { podSelector, ...rules },
      },
    })
    expect(status).toBe(201)
  }
  return async () => {
    for (const [namespace] of grounds) {
      await cluster(`${policies(namespace)}/e2e-open`, { method: 'DELETE' })
    }
  }
}

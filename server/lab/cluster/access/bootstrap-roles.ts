import type { ClusterClient, Draft, KubeObject } from '#server/lab/cluster/client.ts'
import { type PolicyRule, rbacGroup } from './rbac-objects.ts'

const clusterRoles = `clusterroles.${rbacGroup}`
const clusterRoleBindings = `clusterrolebindings.${rbacGroup}`

/** Creates the ClusterRoles and bindings that every cluster is born with, where they are not there yet. */
export function createBootstrapRoles(client: ClusterClient): void {
  for (const [name, role] of Object.entries(bootstrapRoles)) {
    if (!client.find(clusterRoles, undefined, name))
      client.create(clusterRoles, draftRole(name, role))
  }
  for (const [name, groups] of Object.entries(bootstrapBindings)) {
    if (!client.find(clusterRoleBindings, undefined, name)) {
      client.create(clusterRoleBindings, draftBinding(name, groups))
    }
  }
}

/** All ClusterRoleBindings, those that a cluster is born with first, in the order below. */
export function listClusterRoleBindings(client: ClusterClient): KubeObject[] {
  const order = Object.keys(bootstrapBindings)
  const rank = ({ metadata }: KubeObject) => {
    const index = order.indexOf(metadata.name)
    return index < 0 ? order.length : index
  }
  return client.list(clusterRoleBindings).toSorted((a, b) => rank(a) - rank(b))
}

type BootstrapRole = { rules?: PolicyRule[]; aggregates?: string; labels?: Record<string, string> }

const read = ['get', 'list', 'watch']
const write = ['create', 'delete', 'deletecollection', 'patch', 'update']

function rule(verbs: string[], group: string, ...resources: string[]): PolicyRule {
  return { verbs, apiGroups: [group], resources }
}

function urls(...nonResourceURLs: string[]): PolicyRule {
  return { verbs: ['get'], nonResourceURLs }
}

function aggregateTo(name: string): Record<string, string> {
  return { [`${rbacGroup}/aggregate-to-${name}`]: 'true' }
}

const workloads = [
  'daemonsets',
  'deployments',
  'deployments/scale',
  'replicasets',
  'replicasets/scale',
  'statefulsets',
  'statefulsets/scale',
]

const viewRules: PolicyRule[] = [
  rule(
    read,
    '',
    'configmaps',
    'endpoints',
    'persistentvolumeclaims',
    'persistentvolumeclaims/status',
    'pods',
    'replicationcontrollers',
    'replicationcontrollers/scale',
    'serviceaccounts',
    'services',
    'services/status',
  ),
  rule(
    read,
    '',
    'bindings',
    'events',
    'limitranges',
    'namespaces/status',
    'pods/log',
    'pods/status',
    'replicationcontrollers/status',
    'resourcequotas',
    'resourcequotas/status',
  ),
  rule(read, '', 'namespaces'),
  rule(read, 'discovery.k8s.io', 'endpointslices'),
  rule(
    read,
    'apps',
    'controllerrevisions',
    ...workloads,
    'daemonsets/status',
    'deployments/status',
    'replicasets/status',
    'statefulsets/status',
  ),
  rule(read, 'autoscaling', 'horizontalpodautoscalers', 'horizontalpodautoscalers/status'),
  rule(read, 'batch', 'cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'),
  rule(read, 'policy', 'poddisruptionbudgets', 'poddisruptionbudgets/status'),
  rule(read, 'networking.k8s.io', 'ingresses', 'ingresses/status', 'networkpolicies'),
]

const editRules: PolicyRule[] = [
  rule(
    read,
    '',
    'pods/attach',
    'pods/exec',
    'pods/portforward',
    'pods/proxy',
    'secrets',
    'services/proxy',
  ),
  rule(['impersonate'], '', 'serviceaccounts'),
  rule(write, '', 'pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy'),
  rule(['create'], '', 'pods/eviction'),
  rule(
    write,
    '',
    'configmaps',
    'events',
    'persistentvolumeclaims',
    'replicationcontrollers',
    'replicationcontrollers/scale',
    'secrets',
    'serviceaccounts',
    'services',
    'services/proxy',
  ),
  rule(['create'], '', 'serviceaccounts/token'),
  rule(write, 'apps', ...workloads, 'deployments/rollback'),
  rule(write, 'autoscaling', 'horizontalpodautoscalers'),
  rule(write, 'batch', 'cronjobs', 'jobs'),
  rule(write, 'policy', 'poddisruptionbudgets'),
  rule(write, 'networking.k8s.io', 'ingresses', 'networkpolicies'),
  rule([...write, ...read], 'coordination.k8s.io', 'leases'),
]

const adminRules: PolicyRule[] = [
  rule(['create'], 'authorization.k8s.io', 'localsubjectaccessreviews'),
  rule([...write, ...read], rbacGroup, 'rolebindings', 'roles'),
]

const bootstrapRoles: Record<string, BootstrapRole> = {
  'cluster-admin': {
    rules: [rule(['*'], '*', '*'), { verbs: ['*'], nonResourceURLs: ['*'] }],
  },
  'system:discovery': {
    rules: [
      urls(
        '/api',
        '/api/*',
        '/apis',
        '/apis/*',
        '/healthz',
        '/livez',
        '/openapi',
        '/openapi/*',
        '/readyz',
        '/version',
        '/version/',
      ),
    ],
  },
  'system:public-info-viewer': {
    rules: [
      urls('/.well-known', '/.well-known/*'),
      urls('/healthz', '/livez', '/readyz', '/version', '/version/'),
    ],
  },
  'system:service-account-issuer-discovery': {
    rules: [
      urls(
        '/.well-known/openid-configuration',
        '/.well-known/openid-configuration/',
        '/openid/v1/jwks',
        '/openid/v1/jwks/',
      ),
    ],
  },
  'system:basic-user': {
    rules: [
      rule(
        ['create'],
        'authorization.k8s.io',
        'selfsubjectaccessreviews',
        'selfsubjectrulesreviews',
      ),
      rule(['create'], 'authentication.k8s.io', 'selfsubjectreviews'),
    ],
  },
  'system:auth-delegator': {
    rules: [
      rule(['create'], 'authentication.k8s.io', 'tokenreviews'),
      rule(['create'], 'authorization.k8s.io', 'subjectaccessreviews'),
    ],
  },
  'system:aggregate-to-view': { rules: viewRules, labels: aggregateTo('view') },
  'system:aggregate-to-edit': { rules: editRules, labels: aggregateTo('edit') },
  'system:aggregate-to-admin': { rules: adminRules, labels: aggregateTo('admin') },
  view: { aggregates: 'view', labels: aggregateTo('edit') },
  edit: { aggregates: 'edit', labels: aggregateTo('admin') },
  admin: { aggregates: 'admin' },
}

/** Group names by the name that binding and role share. */
const bootstrapBindings: Record<string, string[]> = {
  'cluster-admin': ['system:masters'],
  'system:basic-user': ['system:authenticated'],
  'system:public-info-viewer': ['system:authenticated', 'system:unauthenticated'],
  'system:service-account-issuer-discovery': ['system:serviceaccounts'],
  'system:discovery': ['system:authenticated'],
}

const bootstrapLabel = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }

function draftRole(name: string, { rules, aggregates, labels }: BootstrapRole): Draft {
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: 'ClusterRole',
    metadata: { name, labels: { ...bootstrapLabel, ...labels }, annotations },
    ...(aggregates
      ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregateTo(aggregates) }] } }
      : {}),
    rules: rules ?? [],
  }
}

function draftBinding(name: string, groups: string[]): Draft {
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: bootstrapLabel, annotations },
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({ kind: 'Group', apiGroup: rbacGroup, name: group })),
  }
}

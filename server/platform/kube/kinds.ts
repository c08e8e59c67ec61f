import type { Condition, Kind, KubeObject } from '#server/platform/model/kubernetes.ts'

/** Kubernetes' own kinds, with the fields that we read and write. */

export type Namespace = KubeObject & { status?: { phase?: 'Active' | 'Terminating' } }
export const Namespace: Kind<Namespace> = core('Namespace', 'namespaces', false)

export type Service = KubeObject & {
  spec: {
    type?: string
    clusterIP?: string
    externalName?: string
    selector?: Record<string, string>
    ports?: { name?: string; port: number; protocol?: string; targetPort?: number | string }[]
  }
}
export const Service: Kind<Service> = core('Service', 'services')

export type ContainerState = {
  running?: { startedAt?: string }
  waiting?: { reason?: string; message?: string }
  terminated?: {
    exitCode: number
    reason?: string
    message?: string
    startedAt?: string
    finishedAt?: string
  }
}

export type ContainerStatus = {
  name: string
  ready: boolean
  restartCount: number
  image: string
  imageID: string
  containerID?: string
  state?: ContainerState
}

export type Pod = KubeObject & {
  spec: {
    serviceAccountName?: string
    nodeName?: string
    containers: { name: string; image?: string }[]
    initContainers?: { name: string; image?: string }[]
  }
  status?: {
    phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
    podIP?: string
    podIPs?: { ip: string }[]
    conditions?: Condition[]
    containerStatuses?: ContainerStatus[]
    initContainerStatuses?: ContainerStatus[]
  }
}
export const Pod: Kind<Pod> = core('Pod', 'pods')

export type ConfigMap = KubeObject & { data?: Record<string, string> }
export const ConfigMap: Kind<ConfigMap> = core('ConfigMap', 'configmaps')

export type ServiceAccount = KubeObject
export const ServiceAccount: Kind<ServiceAccount> = core('ServiceAccount', 'serviceaccounts')

export type Event = KubeObject & {
  type?: string
  reason?: string
  message?: string
  count?: number
  firstTimestamp?: string
  lastTimestamp?: string
  involvedObject: { kind: string; namespace?: string; name: string; uid?: string }
}
export const Event: Kind<Event> = core('Event', 'events')

export type EndpointSlice = KubeObject & {
  addressType: 'IPv4' | 'IPv6' | 'FQDN'
  endpoints: {
    addresses: string[]
    conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean }
    targetRef?: { kind: string; namespace?: string; name: string; uid?: string }
  }[]
  ports?: { name?: string; port?: number; protocol?: string }[]
}
export const EndpointSlice: Kind<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
}

export type NetworkPolicy = KubeObject & { spec: Record<string, unknown> }
export const NetworkPolicy: Kind<NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
}

export type RoleBinding = KubeObject & {
  roleRef: { apiGroup: string; kind: 'Role' | 'ClusterRole'; name: string }
  subjects?: {
    kind: 'ServiceAccount' | 'User' | 'Group'
    name: string
    namespace?: string
    apiGroup?: string
  }[]
}
export const RoleBinding: Kind<RoleBinding> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  plural: 'rolebindings',
  namespaced: true,
}

export type Lease = KubeObject & {
  spec: {
    holderIdentity?: string
    leaseDurationSeconds?: number
    acquireTime?: string
    renewTime?: string
    leaseTransitions?: number
  }
}
export const Lease: Kind<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
}

export type Deployment = KubeObject & {
  spec: { replicas?: number; selector: { matchLabels?: Record<string, string> }; template: unknown }
  status?: {
    observedGeneration?: number
    replicas?: number
    readyReplicas?: number
    updatedReplicas?: number
    availableReplicas?: number
    conditions?: Condition[]
  }
}
export const Deployment: Kind<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
}

function core(kind: string, plural: string, namespaced = true): Kind<never> {
  return { group: '', version: 'v1', kind, plural, namespaced }
}

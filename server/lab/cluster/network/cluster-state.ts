import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import type { PolicyWorld } from './network-policy.ts'

const watched = [
  'pods',
  'services',
  'endpointslices.discovery.k8s.io',
  'networkpolicies.networking.k8s.io',
  'namespaces',
] as const
type Watched = (typeof watched)[number]

/** What the network is made from, kept current by watches. */
export type ClusterState = PolicyWorld & {
  objects(resource: Watched): KubeObject[]
  podByIp(ip: string): KubeObject | undefined
}

/** Calls `onChange` once per burst of changes; the state it reads is complete then. */
export function watchCluster(
  client: ClusterClient,
  onChange: (state: ClusterState) => void,
  signal: AbortSignal,
): ClusterState {
  const caches = new Map<string, Map<string, KubeObject>>(watched.map((name) => [name, new Map()]))
  const objects = (resource: Watched) => [...(caches.get(resource)?.values() ?? [])]
  const podsByIp = new Map<string, KubeObject>()
  let scheduled = false

  const state: ClusterState = {
    objects,
    podByIp: (ip) => podsByIp.get(ip),
    get policies() {
      return objects('networkpolicies.networking.k8s.io')
    },
    namespaceLabels: (namespace) =>
      caches.get('namespaces')?.get(`/${namespace}`)?.metadata.labels ?? {},
  }

  function schedule() {
    if (scheduled || signal.aborted) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      if (!signal.aborted) onChange(state)
    })
  }

  for (const resource of watched)
    client.watch(
      resource,
      ({ type, object }) => {
        const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
        const cache = caches.get(resource)
        const before = cache?.get(key)
        if (type === 'DELETED') cache?.delete(key)
        else cache?.set(key, object)
        if (resource === 'pods') {
          const oldIp = before?.status?.podIP
          if (oldIp && podsByIp.get(oldIp) === before) podsByIp.delete(oldIp)
          if (type !== 'DELETED' && isLive(object)) podsByIp.set(object.status.podIP, object)
        }
        schedule()
      },
      signal,
    )
  return state
}

/** A pod that has an address and may still use it. */
export function isLive(pod: KubeObject): boolean {
  return Boolean(pod.status?.podIP) && !['Succeeded', 'Failed'].includes(pod.status?.phase)
}

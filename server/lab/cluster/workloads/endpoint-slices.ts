import { isDeepStrictEqual } from 'node:util'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { containerPort } from '#server/lab/cluster/network/network-policy.ts'
import type { Fields } from './open-fields.ts'
import { isPodReady, keyOf, ownerReference, splitKey, timestamp } from './pods/pod-facts.ts'
import { reconcileQueue } from './reconcile-queue.ts'

const slices = 'endpointslices.discovery.k8s.io'
const manager = 'endpointslice-controller.k8s.io'
const managedBy = 'endpointslice.kubernetes.io/managed-by'
const serviceName = 'kubernetes.io/service-name'

/** One EndpointSlice per Service with a selector and set of ports, and the Endpoints object of old clients. */
export function startEndpointSlices(client: ClusterClient, signal: AbortSignal) {
  const queue = reconcileQueue((key) => {
    const { namespace, name } = splitKey(key)
    const service = client.find('services', namespace, name)
    if (!service || service.metadata.deletionTimestamp) removeEndpoints(client, namespace, name)
    else if (service.spec.type !== 'ExternalName' && hasSelector(service)) {
      writeSlices(client, service)
      writeEndpoints(client, service)
    }
    return undefined
  }, signal)

  client.watch('services', ({ object }) => queue.add(keyOf(object)), signal)
  client.watch(
    'pods',
    ({ object }) => {
      for (const service of client.list('services', { namespace: object.metadata.namespace }))
        if (selects(service, object)) queue.add(keyOf(service))
    },
    signal,
  )
  client.watch(
    slices,
    ({ type, object }) => {
      const owner = object.metadata.labels?.[serviceName]
      if (type === 'DELETED' && owner) queue.add(`${object.metadata.namespace}/${owner}`)
    },
    signal,
  )
}

type Port = { name: string; protocol: string; port: number }

function hasSelector(service: KubeObject): boolean {
  return Object.keys(service.spec.selector ?? {}).length > 0
}

function selects(service: KubeObject, pod: KubeObject): boolean {
  if (!hasSelector(service)) return false
  const wanted: [string, string][] = Object.entries(service.spec.selector)
  return wanted.every(([key, value]) => pod.metadata.labels?.[key] === value)
}

function podsOf(client: ClusterClient, service: KubeObject): KubeObject[] {
  return client
    .list('pods', { namespace: service.metadata.namespace })
    .filter(
      (pod) =>
        selects(service, pod) &&
        pod.status?.podIP &&
        !['Succeeded', 'Failed'].includes(pod.status.phase),
    )
    .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name))
}

/** A named target port may mean another number in each pod. */
function portsFor(service: KubeObject, pod: KubeObject): Port[] {
  const found: Port[] = []
  for (const port of service.spec.ports ?? []) {
    const target: number | string = port.targetPort ?? port.port
    const number =
      typeof target === 'number' ? target : (containerPort(pod, target) ?? Number(target))
    if (Number.isInteger(number))
      found.push({ name: port.name ?? '', protocol: port.protocol ?? 'TCP', port: number })
  }
  return found
}

function endpointOf(service: KubeObject, pod: KubeObject): Fields {
  const { name, namespace, uid } = pod.metadata
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const serving = isPodReady(pod)
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  const named = pod.spec.hostname && pod.spec.subdomain === service.metadata.name
  return {
    addresses: [pod.status.podIP],
    conditions: { ready, serving, terminating },
    ...(named ? { hostname: pod.spec.hostname } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
    nodeName: pod.spec.nodeName,
  }
}

function writeSlices(client: ClusterClient, service: KubeObject) {
  const { namespace, name } = service.metadata
  const wanted = new Map<string, { ports: Port[]; endpoints: Fields[] }>()
  for (const pod of podsOf(client, service)) {
    const ports = portsFor(service, pod)
    const group = wanted.get(JSON.stringify(ports)) ?? { ports, endpoints: [] }
    group.endpoints.push(endpointOf(service, pod))
    wanted.set(JSON.stringify(ports), group)
  }
  // Without pods there is one slice that says so.
  if (wanted.size === 0) wanted.set('', { ports: [], endpoints: [] })

  const existing = client
    .list(slices, { namespace, labels: { [serviceName]: name, [managedBy]: manager } })
    .filter((slice) => !slice.metadata.deletionTimestamp)
  const labels = {
    ...service.metadata.labels,
    ...(service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}),
    [managedBy]: manager,
    [serviceName]: name,
  }
  const annotations = { 'endpoints.kubernetes.io/last-change-trigger-time': timestamp() }
  for (const { ports, endpoints } of wanted.values()) {
    const slice = existing.shift()
    if (!slice)
      client.create(slices, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          generateName: `${name}-`,
          namespace,
          labels,
          annotations,
          ownerReferences: [ownerReference(service)],
        },
        addressType: 'IPv4',
        endpoints,
        ports,
      })
    else if (
      !isDeepStrictEqual(
        [slice.endpoints ?? [], slice.ports ?? [], slice.metadata.labels],
        [endpoints, ports, labels],
      )
    )
      client.replace(slices, {
        ...slice,
        metadata: {
          ...slice.metadata,
          labels,
          annotations: { ...slice.metadata.annotations, ...annotations },
        },
        endpoints,
        ports,
      })
  }
  for (const slice of existing) client.remove(slices, namespace, slice.metadata.name)
}

function writeEndpoints(client: ClusterClient, service: KubeObject) {
  const { namespace, name } = service.metadata
  const groups = new Map<string, Fields>()
  for (const pod of podsOf(client, service)) {
    const ports = portsFor(service, pod).map((port) => ({
      ...(port.name ? { name: port.name } : {}),
      port: port.port,
      protocol: port.protocol,
    }))
    const subset = groups.get(JSON.stringify(ports)) ?? { ports }
    const { conditions, targetRef, nodeName } = endpointOf(service, pod)
    if (conditions.terminating && !conditions.ready) continue
    const list = conditions.ready ? 'addresses' : 'notReadyAddresses'
    subset[list] = [...(subset[list] ?? []), { ip: pod.status.podIP, nodeName, targetRef }]
    groups.set(JSON.stringify(ports), subset)
  }
  const subsets = [...groups.values()].map(({ ports, ...addresses }) => ({ ...addresses, ports }))
  const existing = client.find('endpoints', namespace, name)
  if (existing && isDeepStrictEqual(existing.subsets ?? [], subsets)) return
  const content = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    ...(subsets.length > 0 ? { subsets } : {}),
  }
  const labels = {
    ...service.metadata.labels,
    'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
  }
  if (existing)
    client.replace('endpoints', { ...content, metadata: { ...existing.metadata, labels } })
  else client.create('endpoints', { ...content, metadata: { name, namespace, labels } })
}

function removeEndpoints(client: ClusterClient, namespace: string, name: string) {
  const existing = client.find('endpoints', namespace, name)
  const ours =
    existing?.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller'
  if (ours && !existing.metadata.deletionTimestamp) client.remove('endpoints', namespace, name)
}

import type { KubeObject } from '#server/lab/cluster/client.ts'

/** The downward API: a field of the pod as text; undefined where there is no such field. */
export function fieldValue(pod: KubeObject, path: string): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (keyed) {
    const map = keyed[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations
    return map?.[keyed[2] ?? ''] ?? ''
  }
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name
    case 'metadata.namespace':
      return pod.metadata.namespace
    case 'metadata.uid':
      return pod.metadata.uid
    case 'metadata.labels':
      return mapText(pod.metadata.labels)
    case 'metadata.annotations':
      return mapText(pod.metadata.annotations)
    case 'spec.nodeName':
      return pod.spec.nodeName
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName
    case 'status.hostIP':
    case 'status.hostIPs':
      return pod.status?.hostIP
    case 'status.podIP':
    case 'status.podIPs':
      return pod.status?.podIP
    default:
      return undefined
  }
}

type ResourceFieldRef = { containerName?: string; resource: string; divisor?: string }

/** A request or limit of a container in whole units of the divisor, as the downward API gives it. */
export function resourceValue(
  pod: KubeObject,
  ref: ResourceFieldRef,
  containerName: string,
): string {
  const wanted = ref.containerName ?? containerName
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
  const container = containers.find((one: { name: string }) => one.name === wanted)
  const [kind = '', resource = ''] = ref.resource.split(/\.(.*)/)
  const quantity: string | undefined = container?.resources?.[kind]?.[resource]
  const divisor = parseQuantity(ref.divisor && ref.divisor !== '0' ? ref.divisor : '1')
  return String(Math.ceil(parseQuantity(quantity ?? '0') / divisor))
}

const factors: Record<string, number> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** `500m`, `2`, `1.5Gi` or `1e3` as a number; NaN where it is no quantity. */
export function parseQuantity(text: string | number): number {
  const match = /^([+-]?\d*\.?\d+(?:[eE][+-]?\d+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(
    String(text),
  )
  return match ? Number(match[1]) * (factors[match[2] ?? ''] ?? Number.NaN) : Number.NaN
}

/** One `key="value"` per line, sorted, as in a downward API file. */
function mapText(map: Record<string, string> = {}): string {
  const lines = Object.entries(map).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return lines.sort().join('\n')
}

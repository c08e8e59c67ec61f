import type { KubeObject } from '#server/lab/cluster/client.ts'

/** What a name stands for: addresses, or another name. */
export type NameRecord = { addresses: string[] } | { alias: string }

/** Full names (`web.shop.svc.cluster.local`) to records, as the cluster's DNS would answer. */
export function clusterNames(
  services: KubeObject[],
  slices: KubeObject[],
): Record<string, NameRecord> {
  const names: Record<string, NameRecord> = {}
  for (const service of services) {
    const name = `${service.metadata.name}.${service.metadata.namespace}.svc.cluster.local`
    const spec = service.spec ?? {}
    if (spec.type === 'ExternalName')
      names[name] = { alias: String(spec.externalName).replace(/\.$/, '') }
    else if (spec.clusterIP && spec.clusterIP !== 'None')
      names[name] = { addresses: [spec.clusterIP] }
    else Object.assign(names, headlessNames(name, slicesOf(service, slices)))
  }
  return names
}

/** The EndpointSlices of a Service, hand-made ones too. */
export function slicesOf(service: KubeObject, slices: KubeObject[]): KubeObject[] {
  return slices.filter(
    (slice) =>
      slice.metadata.namespace === service.metadata.namespace &&
      slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
  )
}

function headlessNames(name: string, slices: KubeObject[]): Record<string, NameRecord> {
  const names: Record<string, NameRecord> = {}
  const addresses: string[] = []
  for (const slice of slices)
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue
      addresses.push(...endpoint.addresses)
      if (endpoint.hostname)
        names[`${endpoint.hostname}.${name}`] = { addresses: [...endpoint.addresses] }
    }
  if (addresses.length > 0) names[name] = { addresses: [...new Set(addresses)] }
  return names
}

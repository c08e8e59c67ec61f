import type { Resource } from '#server/lab/cluster/api/resource.ts'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import { invalid } from '#server/lab/cluster/api/status.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import {
  type Cause,
  child,
  duplicateValue,
  element,
  forbiddenValue,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '#server/lab/cluster/crd/causes.ts'
import type { AddressPlan } from '#server/lab/cluster/network/addresses.ts'
import { columnsWith, selectorText, text } from './columns.ts'
import type { Fields } from './open-fields.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const nodePorts = { first: 30000, last: 32767 }

/** Services, with addresses of this cluster's plan. */
export function serviceResource(addresses: AddressPlan): Resource {
  return {
    group: '',
    version: 'v1',
    plural: 'services',
    singular: 'service',
    kind: 'Service',
    namespaced: true,
    shortNames: ['svc'],
    categories: ['all'],
    subresources: { status: true },
    schema: builtinSchema('V1Service'),
    validateName: serviceName,
    defaults: (service) => defaultService(service),
    prepareForCreate: (service, { client, dryRun }) => {
      service.status = { loadBalancer: {} }
      allocate(service, undefined, addresses, client.list('services'), dryRun)
    },
    prepareForUpdate: (service, old, { client, dryRun, subresource }) => {
      if (subresource === 'status') return
      service.status = old.status
      if (isVirtual(service) && isVirtual(old)) {
        service.spec.clusterIP ||= old.spec.clusterIP
        service.spec.clusterIPs ??= old.spec.clusterIPs
        service.spec.ipFamilies ??= old.spec.ipFamilies
        service.spec.ipFamilyPolicy ??= old.spec.ipFamilyPolicy
      }
      allocate(service, old, addresses, client.list('services'), dryRun)
    },
    validate: (service, old, { subresource }) =>
      subresource === 'status'
        ? []
        : [...serviceCauses(service.spec ?? {}), ...updateCauses(service, old)],
    selectableFields: {
      'spec.clusterIP': (service) => service.spec?.clusterIP ?? '',
      'spec.type': (service) => service.spec?.type ?? '',
    },
    columns: columnsWith(
      [
        text('Type', (service) => service.spec.type),
        text('Cluster-IP', (service) => service.spec.clusterIP ?? '<none>'),
        text('External-IP', externalText),
        text('Port(s)', portsText),
      ],
      [text('Selector', (service) => selectorText(service.spec.selector))],
    ),
  }
}

function defaultService(service: KubeObject) {
  service.spec ??= {}
  const { spec } = service
  spec.type ??= 'ClusterIP'
  spec.sessionAffinity ??= 'None'
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP'
    if (port.targetPort === undefined || port.targetPort === '') port.targetPort = port.port
  }
  if (spec.type === 'ExternalName') return
  spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type !== 'ClusterIP') spec.externalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true
}

function isVirtual(service: KubeObject): boolean {
  return service.spec?.type !== 'ExternalName'
}

/** Addresses are held by the Services that are stored: nothing has to be given back when one goes. */
function allocate(
  service: KubeObject,
  old: KubeObject | undefined,
  addresses: AddressPlan,
  others: KubeObject[],
  dryRun: boolean,
) {
  const { spec } = service
  if (!isVirtual(service)) {
    for (const field of [
      'clusterIP',
      'clusterIPs',
      'ipFamilies',
      'ipFamilyPolicy',
      'internalTrafficPolicy',
    ])
      delete spec[field]
    return
  }
  const asked: string | undefined = spec.clusterIP || spec.clusterIPs?.[0]
  if (asked === 'None') spec.clusterIP = 'None'
  else if (!old || !asked || asked !== old.spec?.clusterIP) {
    const taken = new Set<string>(
      others
        .filter((one) => one.metadata.uid !== service.metadata.uid)
        .map((one) => one.spec?.clusterIP),
    )
    spec.clusterIP = addresses.chooseServiceIp(taken, asked)
    if (!spec.clusterIP && !dryRun) throw unavailable(service, asked, taken, addresses)
  }
  // In a dry run none is taken.
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP]
  const headlessByHand = spec.clusterIP === 'None' && !spec.selector
  spec.ipFamilies ??= headlessByHand ? ['IPv4', 'IPv6'] : ['IPv4']
  spec.ipFamilyPolicy ??= headlessByHand ? 'RequireDualStack' : 'SingleStack'
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') allocateNodePorts(spec, others)
}

function unavailable(
  service: KubeObject,
  asked: string | undefined,
  taken: Set<string>,
  addresses: AddressPlan,
) {
  const why = !asked
    ? 'failed to allocate a serviceIP: range is full'
    : taken.has(asked)
      ? `failed to allocate IP ${asked}: provided IP is already allocated`
      : `failed to allocate IP ${asked}: the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${addresses.serviceCidr}`
  const cause = invalidValue('spec.clusterIPs', asked ? [asked] : [], why)
  return invalid({ group: '', kind: 'Service' }, service.metadata.name, [cause])
}

function allocateNodePorts(spec: Fields, others: KubeObject[]) {
  const taken = new Set<number>(
    others.flatMap((one) => (one.spec?.ports ?? []).map((port: Fields) => port.nodePort)),
  )
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue
    const span = nodePorts.last - nodePorts.first + 1
    let chosen = nodePorts.first + Math.floor(Math.random() * span)
    while (taken.has(chosen)) chosen = nodePorts.first + ((chosen - nodePorts.first + 1) % span)
    taken.add(chosen)
    port.nodePort = chosen
  }
}

function serviceCauses(spec: Fields): Cause[] {
  const causes: Cause[] = []
  const headless = spec.clusterIP === 'None'
  if (!types.includes(spec.type)) causes.push(unsupportedValue('spec.type', spec.type, types))
  if (spec.type === 'ExternalName') {
    if (spec.clusterIP)
      causes.push(forbiddenValue('spec.clusterIPs', 'may not be set when type is ExternalName'))
    if (!spec.externalName) causes.push(requiredValue('spec.externalName'))
    else causes.push(...externalNameCauses(spec.externalName))
  } else if (!spec.ports?.length && !headless) causes.push(requiredValue('spec.ports'))
  if (!['None', 'ClientIP'].includes(spec.sessionAffinity))
    causes.push(
      unsupportedValue('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']),
    )
  const names = new Set<string>()
  const used = new Set<string>()
  for (const [index, port] of (spec.ports ?? []).entries())
    causes.push(
      ...portCauses(port, element('spec.ports', index), spec.ports.length > 1, names, used),
    )
  return causes
}

function portCauses(
  port: Fields,
  path: string,
  needsName: boolean,
  names: Set<string>,
  used: Set<string>,
): Cause[] {
  const causes: Cause[] = []
  const range = 'must be between 1 and 65535, inclusive'
  const bad = (value: unknown) =>
    !(Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65535)
  if (!port.name) {
    if (needsName) causes.push(requiredValue(child(path, 'name')))
  } else if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(port.name))
    causes.push(
      invalidValue(
        child(path, 'name'),
        port.name,
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      ),
    )
  else if (names.has(port.name)) causes.push(duplicateValue(child(path, 'name'), port.name))
  names.add(port.name)
  if (bad(port.port)) causes.push(invalidValue(child(path, 'port'), port.port ?? 0, range))
  if (!['TCP', 'UDP', 'SCTP'].includes(port.protocol))
    causes.push(unsupportedValue(child(path, 'protocol'), port.protocol, ['SCTP', 'TCP', 'UDP']))
  if (typeof port.targetPort === 'number' && bad(port.targetPort))
    causes.push(invalidValue(child(path, 'targetPort'), port.targetPort, range))
  const key = `${port.port}/${port.protocol}`
  if (used.has(key)) causes.push(duplicateValue(path, { port: port.port, protocol: port.protocol }))
  used.add(key)
  if (
    port.nodePort !== undefined &&
    !(port.nodePort >= nodePorts.first && port.nodePort <= nodePorts.last)
  )
    causes.push(
      invalidValue(
        child(path, 'nodePort'),
        port.nodePort,
        `provided port is not in the valid range. The range of valid ports is ${nodePorts.first}-${nodePorts.last}`,
      ),
    )
  return causes
}

function externalNameCauses(name: string): Cause[] {
  const bare = name.replace(/\.$/, '')
  if (
    bare.length <= 253 &&
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(bare)
  )
    return []
  return [
    invalidValue(
      'spec.externalName',
      name,
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ),
  ]
}

function updateCauses(service: KubeObject, old: KubeObject | undefined): Cause[] {
  if (!old || !isVirtual(service) || !isVirtual(old)) return []
  const before = old.spec?.clusterIP
  if (!before || before === service.spec.clusterIP) return []
  return [invalidValue('spec.clusterIPs[0]', service.spec.clusterIPs, 'may not change once set')]
}

function serviceName(name: string): string | undefined {
  if (name.length <= 63 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) return undefined
  return "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
}

function externalText(service: KubeObject): string {
  if (service.spec.type === 'ExternalName') return service.spec.externalName
  return service.spec.type === 'LoadBalancer' ? '<pending>' : '<none>'
}

function portsText(service: KubeObject): string {
  const ports: Fields[] = service.spec.ports ?? []
  const parts = ports.map(
    (port) => `${port.port}${port.nodePort ? `:${port.nodePort}` : ''}/${port.protocol}`,
  )
  return parts.join(',') || '<none>'
}

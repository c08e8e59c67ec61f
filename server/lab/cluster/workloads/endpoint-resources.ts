import type { Resource } from '#server/lab/cluster/api/resource.ts'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import {
  type Cause,
  child,
  element,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '#server/lab/cluster/crd/causes.ts'
import { columnsWith, text } from './columns.ts'
import type { Fields } from './open-fields.ts'

const shownMax = 3
const addressTypes = ['FQDN', 'IPv4', 'IPv6']

export function endpointsResource(): Resource {
  return {
    group: '',
    version: 'v1',
    plural: 'endpoints',
    singular: 'endpoints',
    kind: 'Endpoints',
    namespaced: true,
    shortNames: ['ep'],
    schema: builtinSchema('V1Endpoints'),
    warnings: () => ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
    defaults: (object) => {
      for (const subset of object.subsets ?? [])
        for (const port of subset.ports ?? []) port.protocol ??= 'TCP'
    },
    validate: (object) =>
      (object.subsets ?? []).flatMap((subset: Fields, index: number) => {
        const at = element('subsets', index)
        const addresses: Fields[] = [
          ...(subset.addresses ?? []),
          ...(subset.notReadyAddresses ?? []),
        ]
        return [
          ...(addresses.length === 0
            ? [requiredValue(at, 'must specify `addresses` or `notReadyAddresses`')]
            : []),
          ...addressCauses(
            (subset.addresses ?? []).map((one: Fields) => one.ip),
            (i) => child(element(child(at, 'addresses'), i), 'ip'),
          ),
          ...portCauses(subset.ports, child(at, 'ports')),
        ]
      }),
    columns: columnsWith([text('Endpoints', endpointsText)]),
  }
}

export function endpointSliceResource(): Resource {
  return {
    group: 'discovery.k8s.io',
    version: 'v1',
    plural: 'endpointslices',
    singular: 'endpointslice',
    kind: 'EndpointSlice',
    namespaced: true,
    schema: builtinSchema('V1EndpointSlice'),
    generations: true,
    defaults: (slice) => {
      for (const port of slice.ports ?? []) {
        port.name ??= ''
        port.protocol ??= 'TCP'
      }
    },
    validate: sliceCauses,
    columns: columnsWith([
      text('AddressType', (slice) => slice.addressType),
      text('Ports', (slice) =>
        listText(
          (slice.ports ?? []).map((port: Fields) => port.port ?? '*'),
          '<unset>',
        ),
      ),
      text('Endpoints', (slice) =>
        listText(
          (slice.endpoints ?? []).flatMap((one: Fields) => one.addresses),
          '<unset>',
        ),
      ),
    ]),
  }
}

function sliceCauses(slice: KubeObject, old: KubeObject | undefined): Cause[] {
  const causes: Cause[] = []
  if (!slice.addressType) causes.push(requiredValue('addressType'))
  else if (!addressTypes.includes(slice.addressType))
    causes.push(unsupportedValue('addressType', slice.addressType, addressTypes))
  if (old && old.addressType !== slice.addressType)
    causes.push(invalidValue('addressType', slice.addressType, 'field is immutable'))
  for (const [index, endpoint] of (slice.endpoints ?? []).entries()) {
    const at = child(element('endpoints', index), 'addresses')
    if (!endpoint.addresses?.length)
      causes.push(requiredValue(at, 'must contain at least 1 address'))
    else if (slice.addressType === 'IPv4')
      causes.push(...addressCauses(endpoint.addresses, (i) => element(at, i)))
  }
  causes.push(...portCauses(slice.ports, 'ports'))
  return causes
}

function addressCauses(addresses: string[], pathOf: (index: number) => string): Cause[] {
  return addresses.flatMap((ip, index) => {
    const parts = ip.split('.').map(Number)
    const good =
      parts.length === 4 &&
      parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255)
    return good
      ? []
      : [
          invalidValue(
            pathOf(index),
            ip,
            'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
          ),
        ]
  })
}

function portCauses(ports: Fields[] | undefined, path: string): Cause[] {
  return (ports ?? []).flatMap((port, index) => {
    const at = child(element(path, index), 'port')
    if (port.port === undefined || (port.port >= 1 && port.port <= 65535)) return []
    return [invalidValue(at, port.port, 'must be between 1 and 65535, inclusive')]
  })
}

function endpointsText(object: KubeObject): string {
  const pairs = (object.subsets ?? []).flatMap((subset: Fields) =>
    (subset.addresses ?? []).flatMap((address: Fields) =>
      (subset.ports ?? []).map((port: Fields) => `${address.ip}:${port.port}`),
    ),
  )
  return listText(pairs, '<none>')
}

function listText(all: (string | number)[], none: string): string {
  if (all.length === 0) return none
  const more = all.length > shownMax ? ` + ${all.length - shownMax} more...` : ''
  return `${all.slice(0, shownMax).join(',')}${more}`
}

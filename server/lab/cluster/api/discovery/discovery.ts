import { createHash } from 'node:crypto'
import { apiVersionOf, type Registry } from '#server/lab/cluster/api/registry.ts'
import type { Resource } from '#server/lab/cluster/api/resource.ts'

const builtinVerbs = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]
const customVerbs = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
]
const subresourceVerbs = ['get', 'patch', 'update']

type Entry = {
  name: string
  singularName: string
  namespaced: boolean
  group?: string
  version?: string
  kind: string
  verbs: string[]
  shortNames?: string[]
  categories?: string[]
  storageVersionHash?: string
}

/** `/api` and `/apis`: the groups and their versions, best version first. */
export function groupVersions(registry: Registry): Map<string, string[]> {
  const groups = new Map<string, Set<string>>([['', new Set(['v1'])]])
  const add = (group: string, version: string) =>
    groups.set(group, (groups.get(group) ?? new Set()).add(version))
  for (const { group, version, otherVersions = [] } of registry.resources()) {
    add(group, version)
    for (const other of otherVersions) add(group, other.version)
  }
  for (const { group, version } of registry.handlers()) add(group, version)
  return new Map([...groups].map(([group, versions]) => [group, [...versions].sort(byPriority)]))
}

export function apiVersions(address: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  }
}

export function apiGroupList(registry: Registry): object {
  const groups = [...groupVersions(registry)].filter(([group]) => group !== '')
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map(([group, versions]) => groupBody(group, versions)),
  }
}

export function apiGroup(registry: Registry, group: string): object | undefined {
  const versions = groupVersions(registry).get(group)
  if (group === '' || !versions) return undefined
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(group, versions) }
}

export function apiResourceList(
  registry: Registry,
  group: string,
  version: string,
): object | undefined {
  if (!groupVersions(registry).get(group)?.includes(version)) return undefined
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(group, version),
    resources: entriesOf(registry, group, version),
  }
}

/** All of it in one answer, as kubectl asks first. */
export function aggregatedDiscovery(registry: Registry, core: boolean, version: string): object {
  const groups = [...groupVersions(registry)].filter(([group]) => (group === '') === core)
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(([group, versions]) => ({
      metadata:
        group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: versions.map((one) => ({
        version: one,
        freshness: 'Current',
        resources: discoveryResources(registry, group, one),
      })),
    })),
  }
}

function discoveryResources(registry: Registry, group: string, version: string): object[] {
  const entries = entriesOf(registry, group, version)
  const main = entries.filter((one) => !one.name.includes('/'))
  // A subresource may come without its resource only by mistake; it is then left out here.
  return main.map((one) => ({
    resource: one.name,
    responseKind: { group, version, kind: one.kind },
    scope: one.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: one.singularName,
    verbs: one.verbs,
    ...(one.shortNames ? { shortNames: one.shortNames } : {}),
    ...(one.categories ? { categories: one.categories } : {}),
    subresources: entries
      .filter((sub) => sub.name.startsWith(`${one.name}/`))
      .map((sub) => ({
        subresource: sub.name.slice(one.name.length + 1),
        responseKind: {
          group: sub.group ?? group,
          version: sub.version ?? version,
          kind: sub.kind,
        },
        verbs: sub.verbs,
      })),
  }))
}

function entriesOf(registry: Registry, group: string, version: string): Entry[] {
  const entries: Entry[] = []
  for (const resource of registry.resources()) {
    const versions = [resource.version, ...(resource.otherVersions ?? []).map((one) => one.version)]
    if (resource.group === group && versions.includes(version))
      entries.push(...entriesFor(resource))
  }
  for (const one of registry.handlers()) {
    if (one.group !== group || one.version !== version) continue
    const name = one.subresource ? `${one.plural}/${one.subresource}` : one.plural
    entries.push({
      name,
      singularName: one.singular ?? '',
      namespaced: one.namespaced,
      ...(one.kindGroup === undefined ? {} : { group: one.kindGroup }),
      ...(one.kindVersion === undefined ? {} : { version: one.kindVersion }),
      kind: one.kind,
      verbs: one.verbs,
    })
  }
  return entries
}

function entriesFor(resource: Resource): Entry[] {
  const { plural, singular, kind, namespaced, shortNames, categories, subresources, custom } =
    resource
  const main: Entry = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: resource.verbs ?? (custom ? customVerbs : builtinVerbs),
    ...(shortNames ? { shortNames } : {}),
    ...(categories ? { categories } : {}),
    storageVersionHash: storageHash(resource),
  }
  const sub = { singularName: '', namespaced, verbs: subresourceVerbs }
  const status: Entry[] = subresources?.status ? [{ ...sub, name: `${plural}/status`, kind }] : []
  const scale: Entry[] = subresources?.scale
    ? [{ ...sub, name: `${plural}/scale`, kind: 'Scale', group: 'autoscaling', version: 'v1' }]
    : []
  return [main, ...status, ...scale]
}

function groupBody(group: string, versions: string[]): object {
  const listed = versions.map((version) => ({
    groupVersion: apiVersionOf(group, version),
    version,
  }))
  return { name: group, versions: listed, preferredVersion: listed[0] }
}

function storageHash({ group, version, kind }: Resource): string {
  const hash = createHash('sha256').update(`${group}/${version}/${kind}`).digest()
  return hash.subarray(0, 8).toString('base64')
}

/** v2 before v1 before v1beta1 before v1alpha1; other names last, by name. */
function byPriority(a: string, b: string): number {
  const left = rank(a)
  const right = rank(b)
  for (const [index, value] of left.entries()) {
    const difference = (right[index] ?? 0) - value
    if (difference !== 0) return difference
  }
  return a < b ? -1 : a > b ? 1 : 0
}

function rank(version: string): number[] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (!match) return [0, 0, 0]
  const stage = match[2] === 'alpha' ? 1 : match[2] === 'beta' ? 2 : 3
  return [stage, Number(match[1]), Number(match[3] ?? 0)]
}

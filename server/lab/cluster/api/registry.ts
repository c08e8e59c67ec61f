import type { Handler } from './handler.ts'
import type { OtherVersion, Resource } from './resource.ts'

/** A resource in one of its versions, as a path or a client names it. */
export type Served = { resource: Resource; version: string; other: OtherVersion | undefined }

/** What is served at the moment; CRDs come and go while the server runs. */
export type Registry = {
  add(resource: Resource): void
  remove(table: string): void
  addHandler(handler: Handler): void
  /** By `deployments.apps` or `pods`. */
  byTable(table: string): Resource | undefined
  find(group: string, version: string, plural: string): Served | undefined
  findKind(apiVersion: string, kind: string): Served | undefined
  handler(
    group: string,
    version: string,
    plural: string,
    subresource: string | undefined,
  ): Handler | undefined
  resources(): Resource[]
  handlers(): Handler[]
}

export function createRegistry(): Registry {
  const resources = new Map<string, Resource>()
  const handlers = new Map<string, Handler>()

  function find(group: string, version: string, plural: string): Served | undefined {
    const resource = resources.get(tableName(group, plural))
    return resource && servedAs(resource, version)
  }

  return {
    add: (resource) => void resources.set(tableOf(resource), resource),
    remove: (table) => void resources.delete(table),
    addHandler: (one) =>
      void handlers.set(handlerKey(one.group, one.version, one.plural, one.subresource), one),
    byTable: (table) => resources.get(table),
    find,
    findKind(apiVersion, kind) {
      const [version = '', group = ''] = apiVersion.split('/').reverse()
      for (const resource of resources.values()) {
        if (resource.group !== group || resource.kind !== kind) continue
        const served = servedAs(resource, version)
        if (served) return served
      }
      return undefined
    },
    handler: (group, version, plural, subresource) =>
      handlers.get(handlerKey(group, version, plural, subresource)),
    resources: () => [...resources.values()],
    handlers: () => [...handlers.values()],
  }
}

/** The name under which objects are stored: `pods`, `deployments.apps`. */
export function tableOf(resource: { group: string; plural: string }): string {
  return tableName(resource.group, resource.plural)
}

/** `v1`, `apps/v1`. */
export function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`
}

function tableName(group: string, plural: string): string {
  return group === '' ? plural : `${plural}.${group}`
}

function handlerKey(group: string, version: string, plural: string, subresource = ''): string {
  return `${group}/${version}/${plural}/${subresource}`
}

function servedAs(resource: Resource, version: string): Served | undefined {
  if (resource.version === version) return { resource, version, other: undefined }
  const other = resource.otherVersions?.find((one) => one.version === version)
  return other && { resource, version, other }
}

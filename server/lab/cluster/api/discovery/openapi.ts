import { createHash } from 'node:crypto'
import { apiVersionOf, type Registry } from '#server/lab/cluster/api/registry.ts'
import type { Resource } from '#server/lab/cluster/api/resource.ts'
import { builtinSchema } from '#server/lab/cluster/api/schemas/builtin-schema.ts'
import type { Schema } from '#server/lab/cluster/crd/schema/schema.ts'
import { groupVersions } from './discovery.ts'

type Document = {
  openapi: string
  info: object
  paths: Record<string, object>
  components: { schemas: Record<string, object> }
}

/** `/openapi/v3`: where the document of each group version is. */
export function openApiIndex(registry: Registry): object {
  const paths: Record<string, object> = {}
  for (const [group, versions] of groupVersions(registry))
    for (const version of versions) {
      const at = group === '' ? `api/${version}` : `apis/${group}/${version}`
      const text = JSON.stringify(openApiDocument(registry, group, version))
      const hash = createHash('sha256').update(text).digest('hex').slice(0, 32).toUpperCase()
      paths[at] = { serverRelativeURL: `/openapi/v3/${at}?hash=${hash}` }
    }
  return { paths }
}

/** Schemas and paths of one group version, as far as kubectl reads them. */
export function openApiDocument(registry: Registry, group: string, version: string): Document {
  const schemas: Record<string, object> = {}
  const paths: Record<string, object> = {}
  for (const resource of registry.resources()) {
    const other = resource.otherVersions?.find((one) => one.version === version)
    if (resource.group !== group || (resource.version !== version && !other)) continue
    const name = schemaName(resource, version)
    schemas[name] = kindSchema(resource, version, other?.schema ?? resource.schema)
    addPaths(paths, resource, version, name)
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.35.0' },
    paths,
    components: { schemas },
  }
}

/** The older document, for clients that read JSON. */
export function openApiV2(registry: Registry): object {
  const definitions: Record<string, object> = {}
  for (const resource of registry.resources())
    definitions[schemaName(resource, resource.version)] = kindSchema(
      resource,
      resource.version,
      resource.schema,
    )
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.35.0' },
    paths: {},
    definitions,
  }
}

function schemaName({ group, kind, custom }: Resource, version: string): string {
  if (custom) return `${group.split('.').reverse().join('.')}.${version}.${kind}`
  const short = group === '' ? 'core' : group.split('.')[0]
  return `io.k8s.api.${short}.${version}.${kind}`
}

function kindSchema(
  { group, kind }: Resource,
  version: string,
  schema: Schema | undefined,
): object {
  return {
    ...schema,
    type: 'object',
    properties: {
      apiVersion: {
        type: 'string',
        description: 'The version of this representation of an object.',
      },
      kind: { type: 'string', description: 'The kind of the object.' },
      ...schema?.properties,
      metadata: { ...builtinSchema('V1ObjectMeta'), description: "Standard object's metadata." },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  }
}

function addPaths(
  paths: Record<string, object>,
  resource: Resource,
  version: string,
  schema: string,
): void {
  const { group, plural, kind, namespaced } = resource
  const root = group === '' ? '/api/v1' : `/apis/${apiVersionOf(group, version)}`
  const all = `${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`
  const one = `${all}/{name}`
  const operation = (action: string, writes: boolean) => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
    parameters: writes ? writeParameters : [],
    responses: {
      200: {
        description: 'OK',
        content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
      },
    },
  })
  paths[all] = { get: operation('list', false), post: operation('post', true) }
  paths[one] = {
    get: operation('get', false),
    put: operation('put', true),
    patch: operation('patch', true),
    delete: operation('delete', true),
  }
}

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
}))

import type { KubeObject } from '#server/lab/cluster/client.ts'
import type { Schema } from '#server/lab/cluster/crd/schema/schema.ts'
import { isMap } from './apply/typed-value.ts'
import { apiVersionOf, type Served } from './registry.ts'
import { builtinSchema } from './schemas/builtin-schema.ts'
import { badRequest } from './status.ts'

/**
 * Makes an object of a request's body: kind and version must be the path's, known fields must have their JSON type.
 * Returns a copy that may be changed. Empty lists, empty maps and nulls of built-in kinds are left out, as in Go.
 */
export function decodeObject(served: Served, body: unknown): KubeObject {
  const { resource, version } = served
  const expected = apiVersionOf(resource.group, version)
  if (!isMap(body)) throw unrecognized(resource.kind, body)
  const { apiVersion = expected, kind = resource.kind } = body
  if (apiVersion !== expected || kind !== resource.kind) throw mismatch(served, body)
  const given = body.metadata ?? {}
  const object = structuredClone({ ...body, apiVersion, kind, metadata: given })
  const fields = { metadata: object.metadata }
  tidy(fields, { properties: { metadata: builtinSchema('V1ObjectMeta') } }, [], served, true)
  if (!resource.custom && resource.schema) tidy(object, resource.schema, [], served, true)
  return asObject(object)
}

/** The one place where a checked body becomes an object. */
function asObject(value: object): KubeObject {
  return value as KubeObject
}

function unrecognized(kind: string, body: unknown): Error {
  const text = JSON.stringify(body) ?? ''
  const shown = text.length > 30 ? `${text.slice(0, 30)} ...` : text
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${goKind(body)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (${shown})`,
  )
}

function mismatch({ resource, version }: Served, body: Record<string, unknown>): Error {
  const [bodyVersion = '', bodyGroup = ''] = String(body.apiVersion ?? '')
    .split('/')
    .reverse()
  const kind = String(body.kind ?? resource.kind)
  if (bodyGroup !== resource.group || resource.custom)
    return badRequest(
      `the API version in the data (${body.apiVersion}) does not match the expected API version (${apiVersionOf(resource.group, version)})`,
    )
  const from = `${bodyVersion}.${kind}`
  const to = `${resource.group === '' ? 'core' : resource.group.split('.')[0]}.${resource.kind}`
  return badRequest(
    `${kind} in version "${bodyVersion}" cannot be handled as a ${resource.kind}: converting (${from}) to (${to}): unknown conversion`,
  )
}

/** Checks JSON types along the schema and leaves out what Go would not write. */
function tidy(
  value: Record<string, unknown>,
  schema: Schema,
  path: string[],
  served: Served,
  isRoot = false,
): void {
  const rest = schema.additionalProperties
  for (const [name, one] of Object.entries(value)) {
    const known = schema.properties?.[name] ?? (typeof rest === 'object' ? rest : undefined)
    if (!known) continue
    if (one === null || (isLeftOut(one, known) && !schema.required?.includes(name))) {
      if (!(isRoot && name === 'metadata')) delete value[name]
      continue
    }
    check(one, known, [...path, name], served)
  }
}

function isLeftOut(value: unknown, schema: Schema): boolean {
  if (Array.isArray(value)) return value.length === 0
  return (
    isMap(value) && schema.additionalProperties !== undefined && Object.keys(value).length === 0
  )
}

function check(value: unknown, schema: Schema, path: string[], served: Served): void {
  const expected = schema['x-kubernetes-int-or-string'] ? 'int-or-string' : schema.type
  if (!fits(value, expected, schema.format)) {
    const { kind } = served.resource
    throw badRequest(
      `${kind} in version "${served.version}" cannot be handled as a ${kind}: json: cannot unmarshal ${goKind(value)} into Go struct field ${kind}.${path.join('.')} of type ${goType(schema)}`,
    )
  }
  if (isMap(value)) tidy(value, schema, path, served)
  else if (Array.isArray(value) && schema.items)
    for (const one of value) check(one, schema.items, path, served)
}

function fits(value: unknown, type: string | undefined, format: string | undefined): boolean {
  switch (type) {
    case 'string':
      // Quantities are strings in the schema and may be written as numbers.
      return typeof value === 'string' || (typeof value === 'number' && format === undefined)
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isMap(value)
    case 'int-or-string':
      return typeof value === 'string' || Number.isInteger(value)
    default:
      return true
  }
}

function goKind(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function goType(schema: Schema): string {
  if (schema.type === 'integer') return schema.format ?? 'int64'
  if (schema.type === 'number') return 'float64'
  if (schema.type === 'boolean') return 'bool'
  if (schema.type === 'array') return `[]${schema.items ? goType(schema.items) : 'string'}`
  if (schema.type !== 'object') return schema.type ?? 'intstr.IntOrString'
  const rest = schema.additionalProperties
  return typeof rest === 'object' ? `map[string]${goType(rest)}` : 'struct'
}

import type { Schema } from '#server/lab/cluster/crd/schema/schema.ts'

/** How a value takes part in apply: as one value, by its fields, or by the identity of its elements. */
export type Shape =
  | { kind: 'leaf' }
  | {
      kind: 'map'
      value: Record<string, unknown>
      field(name: string): Schema | undefined
      isField(name: string): boolean
    }
  | { kind: 'keyed'; value: unknown[]; items: Schema | undefined; keyOf(element: unknown): string }

/** The shape of a value under its schema; without one, maps are granular and lists atomic. */
export function shapeOf(value: unknown, schema: Schema | undefined): Shape {
  if (Array.isArray(value)) return listShape(value, schema)
  if (!isMap(value) || schema?.['x-kubernetes-map-type'] === 'atomic') return { kind: 'leaf' }
  const properties = schema?.properties ?? {}
  const rest = schema?.additionalProperties
  return {
    kind: 'map',
    value,
    field: (name) =>
      Object.hasOwn(properties, name)
        ? properties[name]
        : typeof rest === 'object'
          ? rest
          : undefined,
    isField: (name) => Object.hasOwn(properties, name),
  }
}

/** The schema of a whole object: its own, with apiVersion and kind as every object has them. */
export function objectSchema(schema: Schema | undefined): Schema {
  return {
    ...schema,
    type: 'object',
    properties: {
      ...schema?.properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
    },
  }
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Path element of an element of a keyed list or set. */
export function elementKey(element: unknown, schema: Schema | undefined): string {
  if (schema?.['x-kubernetes-list-type'] === 'set') return `v:${JSON.stringify(element)}`
  const keys = schema?.['x-kubernetes-list-map-keys'] ?? []
  const fields = isMap(element) ? element : {}
  const chosen = [...keys]
    .sort()
    .map((key) => [key, fields[key] ?? defaultOf(schema, key)] as const)
  return `k:${JSON.stringify(Object.fromEntries(chosen.filter(([, value]) => value !== undefined)))}`
}

function defaultOf(schema: Schema | undefined, key: string): unknown {
  const declared = schema?.items?.properties?.[key]?.default
  // The one key of built-in lists that has a default: ports without a protocol are TCP.
  return declared ?? (key === 'protocol' ? 'TCP' : undefined)
}

function listShape(value: unknown[], schema: Schema | undefined): Shape {
  const type = schema?.['x-kubernetes-list-type']
  if (type !== 'map' && type !== 'set') return { kind: 'leaf' }
  return {
    kind: 'keyed',
    value,
    items: schema?.items,
    keyOf: (element) => elementKey(element, schema),
  }
}

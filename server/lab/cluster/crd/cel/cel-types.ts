import type { Environment } from '@marcbachmann/cel-js'
import { Duration } from '@marcbachmann/cel-js/evaluator'
import { stableJson } from '#server/lab/cluster/crd/schema/list-types.ts'
import {
  isObject,
  type Json,
  type JsonObject,
  ownProperty,
  type Schema,
} from '#server/lab/cluster/crd/schema/schema.ts'

/** How the values of one schema look to a CEL rule. */
export type CelType = {
  name: string
  /** The fields of an object type, by the names that rules use. */
  fields?: Record<string, CelType>
  /** The type of a list's items or a map's values. */
  values?: CelType
  toCel(value: Json): unknown
}

/** Gives object types names that are unique within one environment. */
type Names = { next: number }

/**
 * Declares the types of a schema in an environment.
 * @param isResource whether the schema is that of a whole object, whose `metadata.name` and kind rules may read
 * @returns undefined where CEL cannot see the value: nothing is known of its type
 */
export function declareType(
  env: Environment,
  schema: Schema,
  isResource: boolean,
  names: Names = { next: 1 },
): CelType | undefined {
  if (schema['x-kubernetes-int-or-string']) return { name: 'dyn', toCel: dynamicValue }
  switch (schema.type) {
    case 'boolean':
      return { name: 'bool', toCel: (value) => value }
    case 'integer':
      return { name: 'int', toCel: dynamicValue }
    case 'number':
      return { name: 'double', toCel: (value) => value }
    case 'string':
      return stringType(schema.format)
    case 'array':
      return listType(env, schema, names)
    case 'object':
      return objectType(env, schema, isResource, names)
    default:
      return undefined
  }
}

/** The name under which a rule reads a property, or undefined where no rule can. */
function escapedName(name: string): string | undefined {
  if (reservedWords.has(name)) return `__${name}__`
  const escaped = name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__')
  return /^[A-Za-z_]\w*$/.test(escaped) && escaped !== 'constructor' && escaped !== '__proto__'
    ? escaped
    : undefined
}

const reservedWords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

const metadataSchema: Schema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
}

class CelObject {
  readonly #source: JsonObject

  constructor(source: JsonObject) {
    this.#source = source
  }

  equals(other: CelObject): boolean {
    return stableJson(this.#source) === stableJson(other.#source)
  }
}

function objectType(
  env: Environment,
  schema: Schema,
  isResource: boolean,
  names: Names,
): CelType | undefined {
  const rest = schema.additionalProperties
  if (typeof rest === 'object' && !schema.properties) {
    const values = declareType(env, rest, rest['x-kubernetes-embedded-resource'] === true, names)
    return values && mapType(values)
  }
  const properties = { ...schema.properties }
  if (isResource || schema['x-kubernetes-embedded-resource']) {
    properties.apiVersion = { type: 'string' }
    properties.kind = { type: 'string' }
    properties.metadata = metadataSchema
  }
  const fields: Record<string, CelType> = {}
  const sources: [string, string, CelType][] = []
  for (const [name, property] of Object.entries(properties)) {
    const embedded = property['x-kubernetes-embedded-resource'] === true
    const type = declareType(env, property, embedded, names)
    const escaped = escapedName(name)
    if (!type || escaped === undefined) continue
    fields[escaped] = type
    sources.push([name, escaped, type])
  }
  const name = `object_${names.next++}`
  const ctor = class extends CelObject {}
  const fieldNames = Object.entries(fields).map(([field, type]) => [field, type.name])
  env.registerType(name, { ctor, fields: Object.fromEntries(fieldNames) })
  env.registerOperator(`${name} == ${name}`, (a: CelObject, b: CelObject) => a.equals(b))
  const toCel = (value: Json): unknown => {
    const source = isObject(value) ? value : {}
    const object = new ctor(source)
    for (const [from, to, type] of sources) {
      const one = ownProperty(source, from)
      // A null reads as absent, so that has() answers for nullable fields too.
      if (one !== undefined && one !== null) Object.assign(object, { [to]: type.toCel(one) })
    }
    return object
  }
  return { name, fields, toCel }
}

function mapType(values: CelType): CelType {
  const toCel = (value: Json) =>
    new Map(
      Object.entries(isObject(value) ? value : {})
        .filter(([, one]) => one !== null)
        .map(([key, one]) => [key, values.toCel(one)]),
    )
  return { name: `map<string, ${values.name}>`, values, toCel }
}

function listType(env: Environment, schema: Schema, names: Names): CelType | undefined {
  const items = schema.items
  const values =
    items && declareType(env, items, items['x-kubernetes-embedded-resource'] === true, names)
  if (!values) return undefined
  const toCel = (value: Json) => (Array.isArray(value) ? value.map((one) => values.toCel(one)) : [])
  return { name: `list<${values.name}>`, values, toCel }
}

function stringType(format: string | undefined): CelType {
  switch (format) {
    case 'date-time':
    case 'datetime':
    case 'date':
      return { name: 'google.protobuf.Timestamp', toCel: (value) => new Date(String(value)) }
    case 'duration':
      return { name: 'google.protobuf.Duration', toCel: (value) => durationOf(String(value)) }
    case 'byte':
      return { name: 'bytes', toCel: (value) => Buffer.from(String(value), 'base64') }
    default:
      return { name: 'string', toCel: (value) => value }
  }
}

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

function durationOf(text: string): Duration {
  let ms = 0
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)([a-zµμ]+)/g)) {
    ms += Number(amount) * (unitMs[unit] ?? 0)
  }
  return Duration.fromMilliseconds(text.startsWith('-') ? -ms : ms)
}

/** JSON without a schema: whole numbers are ints. */
function dynamicValue(value: Json): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  return value
}

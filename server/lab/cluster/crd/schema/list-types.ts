import { type Cause, child, duplicateValue, element } from '#server/lab/cluster/crd/causes.ts'
import { isObject, type Json, type JsonObject, propertySchema, type Schema } from './schema.ts'

/** Lists of type `set` hold each value once, lists of type `map` each key once; each repetition is a cause. */
export function validateListTypes(value: Json, schema: Schema, path = ''): Cause[] {
  if (Array.isArray(value)) {
    const items = schema.items
    return [
      ...duplicates(value, schema, path),
      ...(items
        ? value.flatMap((one, index) => validateListTypes(one, items, element(path, index)))
        : []),
    ]
  }
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, one]) => {
    const property = propertySchema(schema, name)
    if (!property) return []
    const named = schema.properties && Object.hasOwn(schema.properties, name)
    return validateListTypes(one, property, named ? child(path, name) : element(path, name))
  })
}

/** The key of an item of a `map` list: its key fields, defaults included, as one comparable text. */
export function itemKey(item: Json, schema: Schema): string | undefined {
  if (!isObject(item)) return undefined
  return stableJson(keyFields(item, schema))
}

/** JSON with sorted keys, so that equal values give equal text. */
export function stableJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const fields = Object.keys(value).sort()
  return `{${fields.map((name) => `${JSON.stringify(name)}:${stableJson(value[name] ?? null)}`).join(',')}}`
}

function duplicates(list: Json[], schema: Schema, path: string): Cause[] {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const times = new Map<string, number>()
  const causes: Cause[] = []
  for (const [index, item] of list.entries()) {
    const shown = type === 'map' && isObject(item) ? keyFields(item, schema) : item
    const key = stableJson(shown)
    const seen = times.get(key) ?? 0
    times.set(key, seen + 1)
    if (seen === 1) causes.push(duplicateValue(element(path, index), sorted(shown)))
  }
  return causes
}

function keyFields(item: JsonObject, schema: Schema): JsonObject {
  const names = schema['x-kubernetes-list-map-keys'] ?? []
  return Object.fromEntries(
    names.flatMap((name) => (Object.hasOwn(item, name) ? [[name, item[name] ?? null]] : [])),
  )
}

function sorted(value: Json): Json {
  const copy: Json = JSON.parse(stableJson(value))
  return copy
}

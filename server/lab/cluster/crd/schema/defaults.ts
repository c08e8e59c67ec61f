import { isObject, type Json, type JsonObject, ownProperty, type Schema, setOwn } from './schema.ts'

/**
 * Fills in place the defaults of everything that is absent. A null where null is not allowed counts as absent: it
 * becomes the default, or is dropped where there is none.
 */
export function applyDefaults(value: Json, schema: Schema): void {
  if (Array.isArray(value)) {
    const items = schema.items
    if (!items) return
    for (const [index, one] of value.entries()) {
      if (one === null && !items.nullable && items.default !== undefined) {
        value[index] = structuredClone(items.default)
      }
      applyDefaults(value[index] ?? null, items)
    }
    return
  }
  if (!isObject(value)) return
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isNull = Object.hasOwn(value, name) && value[name] === null && !property.nullable
    if (property.default !== undefined) {
      if (isNull || !Object.hasOwn(value, name)) {
        setOwn(value, name, structuredClone(property.default))
      }
    } else if (isNull) delete value[name]
  }
  const rest = schema.additionalProperties
  for (const [name, one] of Object.entries(value)) {
    const property = ownProperty(schema.properties, name)
    if (property) applyDefaults(one, property)
    else if (typeof rest === 'object') fillAdditional(value, name, rest)
  }
}

function fillAdditional(object: JsonObject, name: string, schema: Schema): void {
  if (object[name] === null && !schema.nullable) {
    if (schema.default === undefined) {
      delete object[name]
      return
    }
    setOwn(object, name, structuredClone(schema.default))
  }
  applyDefaults(object[name] ?? null, schema)
}

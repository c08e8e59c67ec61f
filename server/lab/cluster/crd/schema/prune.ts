import { child, element } from '#server/lab/cluster/crd/causes.ts'
import { isObject, type Json, metaFields, ownProperty, type Schema } from './schema.ts'

/**
 * Removes in place what the schema does not name, and says what that was.
 * @returns the paths of the removed fields, such as `spec.template[0].colour`, in document order
 */
export function prune(object: Json, schema: Schema): string[] {
  const removed: string[] = []
  walk(object, { ...schema, 'x-kubernetes-embedded-resource': true }, '', removed, true)
  return removed
}

/** What `prune` would remove, leaving the object as it is. */
export function unknownFields(object: Json, schema: Schema): string[] {
  const unknown: string[] = []
  walk(object, { ...schema, 'x-kubernetes-embedded-resource': true }, '', unknown, false)
  return unknown
}

function walk(
  value: Json,
  schema: Schema | undefined,
  path: string,
  found: string[],
  remove: boolean,
): void {
  if (Array.isArray(value)) {
    const items = schema?.items ?? keptItems(schema)
    for (const [index, one] of value.entries()) {
      walk(one, items, element(path, index), found, remove)
    }
    return
  }
  if (!isObject(value)) return
  const keepsAll = schema?.['x-kubernetes-preserve-unknown-fields'] === true
  for (const [name, one] of Object.entries(value)) {
    if (schema?.['x-kubernetes-embedded-resource'] && metaFields.has(name)) continue
    const property = ownProperty(schema?.properties, name)
    const rest = schema?.additionalProperties
    if (property) walk(one, property, child(path, name), found, remove)
    else if (typeof rest === 'object') walk(one, rest, child(path, name), found, remove)
    else if (rest === true || keepsAll) continue
    else {
      found.push(child(path, name))
      if (remove) delete value[name]
    }
  }
}

/** Where unknown fields are kept and no items are described, the items keep theirs too. */
function keptItems(schema: Schema | undefined): Schema | undefined {
  return schema?.['x-kubernetes-preserve-unknown-fields']
    ? { 'x-kubernetes-preserve-unknown-fields': true }
    : undefined
}

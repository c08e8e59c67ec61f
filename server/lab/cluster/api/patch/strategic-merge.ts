import { sameValue } from '#server/lab/cluster/api/apply/compare.ts'
import { isMap } from '#server/lab/cluster/api/apply/typed-value.ts'
import { badRequest } from '#server/lab/cluster/api/status.ts'
import type { Schema } from '#server/lab/cluster/crd/schema/schema.ts'

const deletePrefix = '$deleteFromPrimitiveList/'
const orderPrefix = '$setElementOrder/'

/** Strategic merge patch of a built-in kind, with the directives that kubectl writes. */
export function strategicMerge(
  target: unknown,
  patch: unknown,
  schema: Schema | undefined,
): unknown {
  if (!isMap(patch)) return patch
  if (patch.$patch === 'replace') return without(patch, '$patch')
  if (patch.$patch === 'delete') return {}
  const result: Record<string, unknown> = isMap(target) ? { ...target } : {}
  const retained = patch.$retainKeys
  if (Array.isArray(retained))
    for (const name of Object.keys(result)) if (!retained.includes(name)) delete result[name]
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$') && !name.startsWith(deletePrefix)) continue
    if (name.startsWith(deletePrefix)) deleteValues(result, name.slice(deletePrefix.length), value)
    else if (value === null) delete result[name]
    else result[name] = mergeField(result[name], value, fieldOf(schema, name))
  }
  for (const [name, value] of Object.entries(patch))
    if (name.startsWith(orderPrefix)) reorder(result, name.slice(orderPrefix.length), value, schema)
  return result
}

function mergeField(current: unknown, value: unknown, schema: Schema | undefined): unknown {
  if (!Array.isArray(value)) return strategicMerge(current, value, schema)
  const type = schema?.['x-kubernetes-list-type']
  const list = Array.isArray(current) ? current : []
  if (type === 'set') return [...new Set([...list, ...value])]
  const key = schema?.['x-kubernetes-list-map-keys']?.[0]
  if (type !== 'map' || key === undefined) return value.filter((one) => !isDirective(one))
  return mergeList(list, value, key, schema?.items)
}

function mergeList(
  current: unknown[],
  patch: unknown[],
  key: string,
  items: Schema | undefined,
): unknown[] {
  const replaces = patch.some((one) => isMap(one) && one.$patch === 'replace')
  const result = replaces ? [] : [...current]
  for (const one of patch) {
    if (!isMap(one)) throw badRequest('invalid patch: a list of objects holds a value')
    if (one.$patch === 'replace' && !(key in one)) continue
    if (!(key in one))
      throw badRequest(`map: ${JSON.stringify(one)} does not contain declared merge key: ${key}`)
    const at = result.findIndex((other) => isMap(other) && sameValue(other[key], one[key]))
    if (one.$patch === 'delete') {
      if (at >= 0) result.splice(at, 1)
    } else if (at >= 0) result[at] = strategicMerge(result[at], one, items)
    else result.push(strategicMerge({}, one, items))
  }
  return result
}

function deleteValues(target: Record<string, unknown>, name: string, values: unknown): void {
  const list = target[name]
  if (!Array.isArray(list) || !Array.isArray(values)) return
  target[name] = list.filter((one) => !values.includes(one))
}

/** Elements that the order names come in that order; the others keep their places before the next named one. */
function reorder(
  target: Record<string, unknown>,
  name: string,
  order: unknown,
  schema: Schema | undefined,
): void {
  const list = target[name]
  if (!Array.isArray(list) || !Array.isArray(order)) return
  const key = fieldOf(schema, name)?.['x-kubernetes-list-map-keys']?.[0]
  const identity = (one: unknown) => (key !== undefined && isMap(one) ? one[key] : one)
  const place = (one: unknown) =>
    order.findIndex((other) => sameValue(identity(other), identity(one)))
  const named = list.filter((one) => place(one) >= 0).sort((a, b) => place(a) - place(b))
  let next = 0
  target[name] = list.map((one) => (place(one) >= 0 ? named[next++] : one))
}

function fieldOf(schema: Schema | undefined, name: string): Schema | undefined {
  const rest = schema?.additionalProperties
  const properties = schema?.properties ?? {}
  if (Object.hasOwn(properties, name)) return properties[name]
  return typeof rest === 'object' ? rest : undefined
}

function isDirective(value: unknown): boolean {
  return isMap(value) && '$patch' in value
}

function without(value: Record<string, unknown>, name: string): Record<string, unknown> {
  const { [name]: _dropped, ...rest } = value
  return rest
}

import type { Schema } from '#server/lab/cluster/crd/schema/schema.ts'
import type { FieldSet } from './field-set.ts'
import { isMap, shapeOf } from './typed-value.ts'

/** The live object with an applied configuration laid over it, by the identities of the schema. */
export function mergeApplied(live: unknown, applied: unknown, schema: Schema | undefined): unknown {
  if (applied === undefined) return live
  const right = shapeOf(applied, schema)
  const left = shapeOf(live, schema)
  if (right.kind === 'map' && left.kind === 'map') {
    const result: Record<string, unknown> = { ...left.value }
    for (const [name, one] of Object.entries(right.value))
      result[name] = mergeApplied(left.value[name], one, right.field(name))
    return result
  }
  if (right.kind === 'keyed' && left.kind === 'keyed') {
    const wanted = new Map(right.value.map((one) => [right.keyOf(one), one]))
    const kept = left.value.map((one) => {
      const key = left.keyOf(one)
      const merged = wanted.has(key) ? mergeApplied(one, wanted.get(key), right.items) : one
      wanted.delete(key)
      return merged
    })
    return [...kept, ...wanted.values()]
  }
  return applied
}

/**
 * Takes out what a manager applied before and does not apply now, unless somebody else owns it or a part of it.
 * @param last what the manager owned
 * @param owned what anybody owns now
 */
export function removeAbandoned(
  value: unknown,
  schema: Schema | undefined,
  last: FieldSet,
  owned: FieldSet | undefined,
): unknown {
  const shape = shapeOf(value, schema)
  if (shape.kind === 'map') {
    const result: Record<string, unknown> = {}
    for (const [name, one] of Object.entries(shape.value)) {
      const key = `f:${name}`
      const mine = last.children.get(key)
      if (!mine) result[name] = one
      else if (isMap(one) || Array.isArray(one) || owned?.children.has(key)) {
        if (mine.self && !owned?.children.has(key)) continue
        result[name] = removeAbandoned(one, shape.field(name), mine, owned?.children.get(key))
        if (becameEmpty(one, result[name]) && !owned?.children.has(key)) delete result[name]
      }
    }
    return result
  }
  if (shape.kind === 'keyed') {
    return shape.value.flatMap((one) => {
      const key = shape.keyOf(one)
      const mine = last.children.get(key)
      if (!mine) return [one]
      if (mine.self && !owned?.children.has(key)) return []
      return [removeAbandoned(one, shape.items, mine, owned?.children.get(key))]
    })
  }
  return value
}

function becameEmpty(before: unknown, after: unknown): boolean {
  return sizeOf(before) > 0 && sizeOf(after) === 0
}

function sizeOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 1
}

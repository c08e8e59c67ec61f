import type { Schema } from '#server/lab/cluster/crd/schema/schema.ts'
import { emptySet, type FieldSet, insert } from './field-set.ts'
import { isMap, shapeOf } from './typed-value.ts'

export type Comparison = { added: FieldSet; modified: FieldSet; removed: FieldSet }

/** What differs between two states of an object, by the granularity of its schema. */
export function compareValues(before: unknown, after: unknown, schema: Schema): Comparison {
  const result = { added: emptySet(), modified: emptySet(), removed: emptySet() }
  walk(before, after, schema, [], result)
  return result
}

/** The fields that an applied configuration claims. */
export function fieldsOf(value: unknown, schema: Schema): FieldSet {
  const set = emptySet()
  claim(value, schema, [], set)
  return set
}

function walk(
  before: unknown,
  after: unknown,
  schema: Schema | undefined,
  path: string[],
  result: Comparison,
): void {
  if (before === after) return
  if (before === undefined || after === undefined) {
    if (before === undefined) mark(after, schema, path, result.added)
    else mark(before, schema, path, result.removed)
    return
  }
  const left = shapeOf(before, schema)
  const right = shapeOf(after, schema)
  // A null is a map or list that was never filled: its elements are compared, not the null.
  if (left.kind === 'map' && right.kind === 'map') {
    const names = new Set([...Object.keys(left.value), ...Object.keys(right.value)])
    for (const name of names)
      walk(left.value[name], right.value[name], right.field(name), [...path, `f:${name}`], result)
  } else if (right.kind === 'keyed' && (left.kind === 'keyed' || before === null)) {
    const old = new Map(
      left.kind === 'keyed' ? left.value.map((one) => [left.keyOf(one), one]) : [],
    )
    const now = new Map(right.value.map((one) => [right.keyOf(one), one]))
    for (const key of new Set([...old.keys(), ...now.keys()]))
      walk(old.get(key), now.get(key), right.items, [...path, key], result)
  } else if (!sameValue(before, after)) insert(result.modified, path)
}

/** Everything below a value that came or went as a whole, the value itself included. */
function mark(value: unknown, schema: Schema | undefined, path: string[], set: FieldSet): void {
  insert(set, path)
  const shape = shapeOf(value, schema)
  if (shape.kind === 'map') {
    for (const [name, one] of Object.entries(shape.value))
      mark(one, shape.field(name), [...path, `f:${name}`], set)
  } else if (shape.kind === 'keyed') {
    for (const one of shape.value) mark(one, shape.items, [...path, shape.keyOf(one)], set)
  }
}

function claim(value: unknown, schema: Schema | undefined, path: string[], set: FieldSet): void {
  const shape = shapeOf(value, schema)
  if (shape.kind === 'leaf') {
    insert(set, path)
    return
  }
  if (shape.kind === 'keyed') {
    if (shape.value.length === 0) insert(set, path)
    for (const one of shape.value) {
      const at = [...path, shape.keyOf(one)]
      insert(set, at)
      if (isMap(one)) claim(one, shape.items, at, set)
    }
    return
  }
  for (const [name, one] of Object.entries(shape.value)) {
    const at = [...path, `f:${name}`]
    if (one === null || (isMap(one) && Object.keys(one).length === 0) || !shape.isField(name))
      insert(set, at)
    claim(one, shape.field(name), at, set)
  }
}

/** Equality of JSON, whatever the order of keys. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, index) => sameValue(one, b[index]))
  if (!isMap(a) || !isMap(b)) return false
  const keys = Object.keys(a).filter((key) => a[key] !== undefined)
  const others = Object.keys(b).filter((key) => b[key] !== undefined)
  return keys.length === others.length && keys.every((key) => sameValue(a[key], b[key]))
}

/** A set of paths as a tree. Keys are path elements as in FieldsV1: `f:name`, `k:{"name":"a"}`, `v:"x"`. */
export type FieldSet = { self: boolean; children: Map<string, FieldSet> }

export function emptySet(): FieldSet {
  return { self: false, children: new Map() }
}

export function isEmpty(set: FieldSet): boolean {
  return !set.self && [...set.children.values()].every(isEmpty)
}

/** Adds a path to the set. */
export function insert(set: FieldSet, path: readonly string[]): void {
  let node = set
  for (const element of path) {
    const known = node.children.get(element) ?? emptySet()
    node.children.set(element, known)
    node = known
  }
  node.self = true
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA || inB)
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && !inB)
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && inB)
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  return isEmpty(difference(a, b)) && isEmpty(difference(b, a))
}

/** Every path of the set, in order. */
export function pathsOf(set: FieldSet, prefix: string[] = []): string[][] {
  const own = set.self ? [prefix] : []
  return [...own, ...sorted(set).flatMap(([key, child]) => pathsOf(child, [...prefix, key]))]
}

/** As it travels in metadata.managedFields. */
export function toFieldsV1(set: FieldSet): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  if (set.self && set.children.size > 0) result['.'] = {}
  for (const [key, child] of sorted(set)) result[key] = toFieldsV1(child)
  return result
}

export function fromFieldsV1(fields: unknown, isRoot = true): FieldSet {
  const set = emptySet()
  if (typeof fields !== 'object' || fields === null) return set
  const entries = Object.entries(fields)
  set.self = !isRoot && (entries.length === 0 || '.' in fields)
  for (const [key, value] of entries) {
    if (key !== '.') set.children.set(key, fromFieldsV1(value, false))
  }
  return set
}

/** `.spec.containers[name="a"].image`, as conflicts are worded. */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join('')
}

function elementText(element: string): string {
  const rest = element.slice(2)
  if (element.startsWith('f:')) return `.${rest}`
  if (element.startsWith('v:')) return `[=${rest}]`
  const keys: Record<string, unknown> = JSON.parse(rest)
  const pairs = Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return `[${pairs.join(',')}]`
}

function combine(
  a: FieldSet,
  b: FieldSet,
  keep: (inA: boolean, inB: boolean) => boolean,
): FieldSet {
  const result: FieldSet = { self: keep(a.self, b.self), children: new Map() }
  for (const key of new Set([...a.children.keys(), ...b.children.keys()])) {
    const child = combine(
      a.children.get(key) ?? emptySet(),
      b.children.get(key) ?? emptySet(),
      keep,
    )
    if (!isEmpty(child)) result.children.set(key, child)
  }
  return result
}

function sorted(set: FieldSet): [string, FieldSet][] {
  return [...set.children].sort(([a], [b]) => (a < b ? -1 : 1))
}

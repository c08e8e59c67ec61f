import type { Draft } from '#server/lab/cluster/client.ts'

type Select = { kind?: string; name?: string; namespace?: string }

/** One of kustomize's `replacements`, as far as plain overlays use them: fields by path, without `create`. */
export type Replacement = {
  source: Select & { fieldPath?: string }
  targets: {
    select: Select
    fieldPaths: string[]
    options?: { delimiter?: string; index?: number }
  }[]
}

/** Copies the value of a field into fields of other objects, in place. */
export function replaceFields(objects: Draft[], replacement: Replacement, where: string): void {
  const { source, targets } = replacement
  const from = objects.find((object) => isSelected(object, source))
  const value = from && fieldOf(from, pathOf(source.fieldPath ?? 'metadata.name'))
  if (typeof value !== 'string')
    throw new Error(`${where}: nothing to replace with at ${source.kind} ${source.name}`)
  for (const { select, fieldPaths, options = {} } of targets) {
    const chosen = objects.filter((object) => isSelected(object, select))
    if (chosen.length === 0)
      throw new Error(
        `${where}: no object matches the replacement for ${select.kind} ${select.name}`,
      )
    for (const object of chosen)
      for (const path of fieldPaths) setField(object, pathOf(path), value, options)
  }
}

function isSelected(object: Draft, { kind, name, namespace }: Select): boolean {
  return (
    (kind === undefined || object.kind === kind) &&
    (name === undefined || object.metadata.name === name) &&
    (namespace === undefined || object.metadata.namespace === namespace)
  )
}

function pathOf(text: string): string[] {
  return text.split(/(?<!\\)\./).map((one) => one.replaceAll('\\.', '.'))
}

function fieldOf(object: unknown, path: string[]): unknown {
  let at = object
  for (const key of path) at = isMap(at) ? at[key] : undefined
  return at
}

function setField(
  object: Draft,
  path: string[],
  value: string,
  { delimiter, index = 0 }: { delimiter?: string; index?: number },
): void {
  const parent = fieldOf(object, path.slice(0, -1))
  const key = path.at(-1) ?? ''
  if (!isMap(parent) || typeof parent[key] !== 'string')
    throw new Error(`${object.kind} ${object.metadata.name} has no ${path.join('.')} to replace`)
  if (delimiter === undefined) {
    parent[key] = value
    return
  }
  const parts = parent[key].split(delimiter)
  parts[index] = value
  parent[key] = parts.join(delimiter)
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

import type { Param, ParamSpec, Value } from './task-types.ts'

/** What stands behind `$(…)`: text by name, and lists that may take the place of a whole argument. */
export type Replacements = { text: Map<string, string>; lists: Map<string, string[]> }

const paramSpellings = [
  (name: string) => `params.${name}`,
  (name: string) => `params["${name}"]`,
  (name: string) => `params['${name}']`,
  (name: string) => `inputs.params.${name}`,
]

/** The values of a run's parameters, over the defaults of their declarations. */
export function paramReplacements(declared: ParamSpec[], given: Param[]): Replacements {
  const found: Replacements = { text: new Map(), lists: new Map() }
  for (const param of declared)
    if (param.default !== undefined) addParam(found, param.name, param.default)
  for (const param of given) addParam(found, param.name, param.value)
  return found
}

export function textReplacements(entries: Record<string, string>): Replacements {
  return { text: new Map(Object.entries(entries)), lists: new Map() }
}

/** Replaces every known reference in one pass: what a value brings in is not looked at again. */
export function replaceText(text: string, { text: known }: Replacements): string {
  return text.replace(/\$\(([^()]*)\)/g, (found, name: string) => known.get(name) ?? found)
}

/** Replaces in every string below `value`; an item of a list that is one list reference becomes its items. */
export function replaceDeep<T>(value: T, replacements: Replacements): T {
  // The form stays the same, only strings change.
  return deep(value, replacements) as T
}

function deep(value: unknown, replacements: Replacements): unknown {
  if (typeof value === 'string') return replaceText(value, replacements)
  if (Array.isArray(value))
    return value.flatMap((item: unknown) => {
      const list = typeof item === 'string' ? listOf(item, replacements) : undefined
      return list ?? [deep(item, replacements)]
    })
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, deep(item, replacements)]),
    )
  return value
}

function listOf(text: string, { lists }: Replacements): string[] | undefined {
  const name = /^\$\(([^()]*?)(?:\[\*\])?\)$/.exec(text)?.[1]
  return name === undefined ? undefined : lists.get(name)
}

function addParam(found: Replacements, name: string, value: Value): void {
  for (const spell of paramSpellings) {
    const key = spell(name)
    if (typeof value === 'string') found.text.set(key, value)
    else if (Array.isArray(value)) {
      found.lists.set(key, value)
      for (const [index, item] of value.entries()) found.text.set(`${key}[${index}]`, item)
    }
  }
  if (typeof value === 'object' && !Array.isArray(value))
    for (const [key, item] of Object.entries(value)) found.text.set(`params.${name}.${key}`, item)
}

import { readFileSync } from 'node:fs'
import type { Schema } from '#server/lab/cluster/crd/schema/schema.ts'

type Unresolved = Schema & { $ref?: string }

let models: Map<string, Unresolved> | undefined
const resolved = new Map<string, Schema>()

/**
 * The schema of a built-in kind by its model name (`V1Pod`), with every reference followed. Parts are shared between
 * schemas and may not be changed. Throws where the name is unknown: a mistake of the programmer.
 */
export function builtinSchema(model: string): Schema {
  const known = resolved.get(model)
  if (known) return known
  models ??= readModels()
  const found = models.get(model)
  if (!found) throw new Error(`no built-in schema named ${model}`)
  const schema: Schema = {}
  resolved.set(model, schema)
  return Object.assign(schema, follow(found))
}

function readModels(): Map<string, Unresolved> {
  const text = readFileSync(new URL('./builtin.jsonl', import.meta.url), 'utf8')
  const models: Record<string, Unresolved> = JSON.parse(text)
  return new Map(Object.entries(models))
}

function follow(node: Unresolved): Schema {
  if (node.$ref) {
    const target = builtinSchema(node.$ref)
    return node.description ? { ...target, description: node.description } : target
  }
  const { properties, items, additionalProperties, ...rest } = node
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, follow(v)])),
    }),
    ...(items && { items: follow(items) }),
    ...(additionalProperties && {
      additionalProperties: additionalProperties === true ? true : follow(additionalProperties),
    }),
  }
}

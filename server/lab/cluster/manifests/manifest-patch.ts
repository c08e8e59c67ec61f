import jsonPatch, { type Operation } from 'fast-json-patch/commonjs/core.js'
import { parse } from 'yaml'
import type { Draft } from '#server/lab/cluster/client.ts'

export type Patch = {
  path?: string
  patch?: string
  target?: {
    group?: string
    version?: string
    kind?: string
    name?: string
    namespace?: string
    labelSelector?: string
  }
}

/**
 * The objects with the patch applied: a JSON patch (a list) to its target, or a partial object merged into the one of
 * the same kind and name. Lists inside a merge are refused: how they merge depends on the kind's schema.
 */
export function applyPatch(objects: Draft[], patch: Patch, where: string): Draft[] {
  const content: unknown = parse(patch.patch ?? '')
  const isList = Array.isArray(content)
  const partial = content as Draft
  const target = patch.target ?? {
    kind: partial.kind,
    name: partial.metadata?.name,
    namespace: partial.metadata?.namespace,
  }
  if (target.labelSelector)
    throw new Error(`${where}: a patch target by labelSelector is not known`)
  let found = false
  const patched = objects.map((object) => {
    if (!matches(object, target)) return object
    found = true
    if (!isList) return merge(object, partial, where) as Draft
    const copy = structuredClone(object)
    jsonPatch.applyPatch(copy, content as Operation[], true)
    return copy
  })
  if (!found)
    throw new Error(`${where}: no object matches the patch for ${target.kind} ${target.name}`)
  return patched
}

function matches(object: Draft, target: NonNullable<Patch['target']>): boolean {
  const [version, group = ''] = object.apiVersion.split('/').reverse()
  const whole = (wanted: string | undefined, value: string | undefined) =>
    wanted === undefined || new RegExp(`^(?:${wanted})$`).test(value ?? '')
  return (
    whole(target.group, group) &&
    whole(target.version, version) &&
    whole(target.kind, object.kind) &&
    whole(target.name, object.metadata.name) &&
    whole(target.namespace, object.metadata.namespace)
  )
}

function merge(base: unknown, patch: unknown, where: string): unknown {
  if (Array.isArray(patch)) throw new Error(`${where}: use a JSON patch to change a list`)
  if (!isMap(patch)) return patch
  const merged: Record<string, unknown> = isMap(base) ? { ...base } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = merge(merged[key], value, where)
  }
  return merged
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

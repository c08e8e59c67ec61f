import type { Api } from '#server/lab/cluster/api/api.ts'
import { apiVersionOf, type Served, tableOf } from '#server/lab/cluster/api/registry.ts'
import { badRequest, invalid, notFound } from '#server/lab/cluster/api/status.ts'
import { createObject } from '#server/lab/cluster/api/verbs/create-object.ts'
import type { Patch } from '#server/lab/cluster/api/verbs/patch-object.ts'
import { updateObject } from '#server/lab/cluster/api/verbs/update-object.ts'
import {
  fromStored,
  type WriteOptions,
  writeContext,
} from '#server/lab/cluster/api/verbs/write-options.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { compareValues, fieldsOf } from './compare.ts'
import { conflictError, type FieldConflict } from './conflict.ts'
import {
  difference,
  emptySet,
  equalSets,
  type FieldSet,
  intersection,
  isEmpty,
  pathsOf,
  union,
} from './field-set.ts'
import {
  isSameWriter,
  type Manager,
  managersOf,
  type Writer,
  withoutUnmanaged,
  writeManagers,
} from './managed-fields.ts'
import { mergeApplied, removeAbandoned } from './merge-applied.ts'
import { isMap, objectSchema } from './typed-value.ts'

/** Server-side apply: creates, or merges by field ownership. */
export function applyObject(
  api: Api,
  served: Served,
  namespace: string | undefined,
  name: string,
  patch: Patch,
  options: WriteOptions,
): { object: KubeObject; created: boolean } {
  const { resource } = served
  const config = checkedConfig(served, name, patch.body)
  const schema = objectSchema(resource.schema)
  const { now } = writeContext(api, options, 'patch')
  const writer: Writer = {
    manager: options.manager,
    apiVersion: apiVersionOf(resource.group, served.version),
    ...(options.subresource ? { subresource: options.subresource } : {}),
    now,
  }
  const claimed = withoutUnmanaged(claimedFields(served, config, options.subresource, schema))
  const stored = api.store.get(tableOf(resource), namespace, name)
  if (!stored) {
    if (options.subresource) throw notFound(resource, name)
    const body = { ...config, metadata: { ...metadataOf(config), name } }
    const object = createObject(api, served, namespace, body, options, (created) =>
      writeManagers(created, [applied(writer, claimed)]),
    )
    return { object, created: true }
  }

  const live = structuredClone(fromStored(served, stored))
  const managers = managersOf(live)
  delete live.metadata.managedFields
  const before = managers.find((one) => isSameWriter(one, writer, 'Apply'))
  const merged = mergeApplied(live, config, schema)
  const others = releaseConflicts(managers, before, live, merged, schema, patch.force)
  const own = applied(writer, claimed, before)
  const owned = [own, ...others].reduce((all, one) => union(all, one.fields), emptySet())
  const next = before ? removeAbandoned(merged, schema, before.fields, owned) : merged
  if (!isMap(next)) throw badRequest('the applied configuration is no object')

  const object = updateObject(api, served, namespace, name, next, options, {
    verb: 'patch',
    owners: (written) =>
      writeManagers(written, withoutRemoved([own, ...others], stored, written, schema)),
  })
  return { object, created: false }
}

function checkedConfig(served: Served, name: string, body: unknown): Record<string, unknown> {
  const expected = apiVersionOf(served.resource.group, served.version)
  if (!isMap(body)) throw badRequest('error decoding YAML: the applied configuration is no object')
  if (body.apiVersion !== expected || body.kind !== served.resource.kind)
    throw badRequest(
      `Incorrect version or kind specified in apply patch. Specified patch: ${body.apiVersion ?? ''}, Kind=${body.kind ?? ''}, expected: ${expected}, Kind=${served.resource.kind}`,
    )
  const metadata = metadataOf(body)
  if (metadata.managedFields !== undefined && metadata.managedFields !== null)
    throw badRequest('metadata.managedFields must be nil')
  if (metadata.name !== undefined && metadata.name !== name)
    throw invalid(served.resource, name, [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${JSON.stringify(metadata.name)}: does not match the name on the URL (${name})`,
        field: 'metadata.name',
      },
    ])
  return structuredClone(body)
}

/** What the configuration says about the part that this request may write. */
function claimedFields(
  { resource }: Served,
  config: Record<string, unknown>,
  subresource: string | undefined,
  schema: Parameters<typeof fieldsOf>[1],
): FieldSet {
  if (!resource.subresources?.status) return fieldsOf(config, schema)
  if (subresource === 'status') return fieldsOf({ status: config.status ?? {} }, schema)
  const { status: _ignored, ...rest } = config
  return fieldsOf(rest, schema)
}

function releaseConflicts(
  managers: Manager[],
  own: Manager | undefined,
  live: KubeObject,
  merged: unknown,
  schema: Parameters<typeof fieldsOf>[1],
  force: boolean,
): Manager[] {
  const { added, modified } = compareValues(live, merged, schema)
  const changed = union(added, modified)
  const conflicts: FieldConflict[] = []
  const others = managers
    .filter((one) => one !== own)
    .map((manager) => {
      const taken = intersection(manager.fields, changed)
      if (isEmpty(taken)) return manager
      conflicts.push(...pathsOf(taken).map((path) => ({ manager, path })))
      return { ...manager, fields: difference(manager.fields, taken) }
    })
  if (conflicts.length > 0 && !force) throw conflictError(conflicts)
  return others
}

/** Nobody owns what is not there any more. */
function withoutRemoved(
  managers: Manager[],
  before: KubeObject,
  after: KubeObject,
  schema: Parameters<typeof fieldsOf>[1],
): Manager[] {
  const { removed } = compareValues(before, after, schema)
  if (isEmpty(removed)) return managers
  return managers.map((one) =>
    one.operation === 'Apply' ? one : { ...one, fields: difference(one.fields, removed) },
  )
}

function applied(writer: Writer, fields: FieldSet, before?: Manager): Manager {
  const { manager, apiVersion, subresource, now } = writer
  const time = before && equalSets(before.fields, fields) ? before.time : now
  return {
    manager,
    operation: 'Apply',
    apiVersion,
    ...(subresource ? { subresource } : {}),
    time,
    fields,
  }
}

function metadataOf(config: Record<string, unknown>): Record<string, unknown> {
  return isMap(config.metadata) ? config.metadata : {}
}

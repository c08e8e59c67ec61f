import { admitByPolicies } from '#server/lab/cluster/api/admission/admission-policies.ts'
import type { Api } from '#server/lab/cluster/api/api.ts'
import { sameValue } from '#server/lab/cluster/api/apply/compare.ts'
import {
  type Manager,
  managersOf,
  trackUpdate,
} from '#server/lab/cluster/api/apply/managed-fields.ts'
import { objectSchema } from '#server/lab/cluster/api/apply/typed-value.ts'
import { decodeObject } from '#server/lab/cluster/api/decode-object.ts'
import { apiVersionOf, type Served, tableOf } from '#server/lab/cluster/api/registry.ts'
import {
  badRequest,
  conflict,
  invalid,
  modified,
  notFound,
} from '#server/lab/cluster/api/status.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { setNamespace } from './create-object.ts'
import { validateMeta } from './object-meta.ts'
import {
  dropUnknown,
  fromStored,
  toStored,
  type WriteOptions,
  writeContext,
} from './write-options.ts'

/** How an update differs from a plain replace. */
export type UpdateVariant = {
  verb: 'update' | 'patch'
  /** Writes the ownership of fields itself (server-side apply). */
  owners?: (object: KubeObject) => void
}

/** Replaces an object by a request's body; `namespace` and `name` are the path's. Returns it as stored. */
export function updateObject(
  api: Api,
  served: Served,
  namespace: string | undefined,
  name: string,
  body: unknown,
  options: WriteOptions,
  variant: UpdateVariant = { verb: 'update' },
): KubeObject {
  const { resource } = served
  const table = tableOf(resource)
  const decoded = decodeObject(served, body)
  setNamespace(decoded, namespace)
  if (decoded.metadata.name !== name)
    throw badRequest(
      `the name of the object (${decoded.metadata.name ?? ''}) does not match the name on the URL (${name})`,
    )
  const old = api.store.get(table, namespace, name)
  if (!old) throw notFound(resource, name)
  checkPreconditions(served, old, decoded, variant)
  dropUnknown(served, decoded, options)

  const object = toStored(served, decoded)
  // Clients send back what they read; who sends none keeps what is there, who sends [{}] or [] resets it.
  const given = decoded.metadata.managedFields
  const managers: Manager[] = managersOf(given === undefined ? old : object)
  keepServerMetadata(object, old)
  const context = writeContext(api, options, variant.verb)
  resource.defaults?.(object, context)
  keepOtherParts(served, object, old, options.subresource)
  resource.prepareForUpdate?.(object, old, context)
  setGeneration(served, object, old)
  resource.admit?.(object, old, context)
  if (options.user) admitByPolicies(api, { resource, name, object, old, context }, options.warn)
  const causes = [
    ...validateMeta(object, old, resource),
    ...(resource.validate?.(object, old, context) ?? []),
  ]
  if (causes.length > 0) throw invalid(resource, name, causes)
  for (const sentence of resource.warnings?.(object, old) ?? []) options.warn(sentence)

  if (variant.owners) variant.owners(object)
  else
    trackUpdate(old, object, managers, objectSchema(resource.schema), {
      manager: options.manager,
      apiVersion: apiVersionOf(resource.group, served.version),
      ...(options.subresource ? { subresource: options.subresource } : {}),
      now: context.now,
    })
  if (sameValue(old, object)) return old
  if (options.dryRun) return object
  return store(api, table, object)
}

/** An object that waits for its last finalizer goes instead of being written. */
function store(api: Api, table: string, object: KubeObject): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers, namespace, name } =
    object.metadata
  const holdsNothing = (finalizers ?? []).length === 0 && !hasSpecFinalizers(object)
  if (deletionTimestamp && holdsNothing && (deletionGracePeriodSeconds ?? 0) === 0) {
    api.store.remove(table, namespace, name)
    return object
  }
  return api.store.put(table, object)
}

/** Namespaces keep theirs in the spec. */
export function hasSpecFinalizers(object: KubeObject): boolean {
  return object.kind === 'Namespace' && (object.spec?.finalizers ?? []).length > 0
}

function checkPreconditions(
  { resource }: Served,
  old: KubeObject,
  object: KubeObject,
  variant: UpdateVariant,
): void {
  const { resourceVersion, uid } = object.metadata
  const { name } = old.metadata
  if (!resourceVersion && resource.custom && variant.verb === 'update') {
    const message = 'Invalid value: 0x0: must be specified for an update'
    throw invalid(resource, name, [
      { reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' },
    ])
  }
  if (uid && uid !== old.metadata.uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    )
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion)
    throw modified(resource, name)
}

function keepServerMetadata(object: KubeObject, old: KubeObject): void {
  const { uid, resourceVersion, generation, creationTimestamp, generateName } = old.metadata
  const { deletionTimestamp, deletionGracePeriodSeconds } = old.metadata
  const kept = { uid, resourceVersion, creationTimestamp }
  const optional = { generation, generateName, deletionTimestamp, deletionGracePeriodSeconds }
  Object.assign(object.metadata, kept)
  for (const [field, value] of Object.entries(optional)) {
    if (value === undefined) delete (object.metadata as Record<string, unknown>)[field]
    else Object.assign(object.metadata, { [field]: value })
  }
}

/** A write to the status changes nothing else, and a write to the object leaves its status. */
function keepOtherParts(
  { resource }: Served,
  object: KubeObject,
  old: KubeObject,
  subresource: string | undefined,
): void {
  if (!resource.subresources?.status) return
  if (subresource === 'status') {
    const { status } = object
    for (const field of Object.keys(object)) if (!(field in old)) delete object[field]
    Object.assign(object, structuredClone(old))
    if (status === undefined) delete object.status
    else object.status = status
  } else if (old.status === undefined) delete object.status
  else object.status = structuredClone(old.status)
}

function setGeneration({ resource }: Served, object: KubeObject, old: KubeObject): void {
  if (!resource.generations) return
  const changed = Object.keys({ ...old, ...object }).some(
    (field) => !['metadata', 'status'].includes(field) && !sameValue(old[field], object[field]),
  )
  if (changed) object.metadata.generation = (old.metadata.generation ?? 1) + 1
}

/** The object as a patch of this version is laid over it. */
export function currentObject(
  api: Api,
  served: Served,
  namespace: string | undefined,
  name: string,
): KubeObject {
  const found = api.store.get(tableOf(served.resource), namespace, name)
  if (!found) throw notFound(served.resource, name)
  return structuredClone(fromStored(served, found))
}

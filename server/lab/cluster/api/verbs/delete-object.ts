import { type Api, timestamp } from '#server/lab/cluster/api/api.ts'
import { type Served, tableOf } from '#server/lab/cluster/api/registry.ts'
import { conflict, notFound } from '#server/lab/cluster/api/status.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import { hasSpecFinalizers } from './update-object.ts'

export type DeleteOptions = {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun: boolean
}

/** What became of the object: gone, or marked and waiting for its finalizers or its grace. */
export type Deleted = { object: KubeObject; gone: boolean }

/** Deletes, or marks for deletion where finalizers, dependents or a grace period hold the object. */
export function deleteObject(
  api: Api,
  served: Served,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions,
): Deleted {
  const { resource } = served
  const table = tableOf(resource)
  const old = api.store.get(table, namespace, name)
  if (!old) throw notFound(resource, name)
  checkPreconditions(served, old, options)

  const finalizers = finalizersFor(served, old, options)
  const grace = resource.graceSecondsOf?.(old, options.gracePeriodSeconds)
  const waits = finalizers.length > 0 || hasSpecFinalizers(old)
  if (!waits && grace === undefined) {
    if (!options.dryRun) api.store.remove(table, namespace, name)
    return { object: old, gone: true }
  }

  const object = marked(api, old, finalizers, grace ?? 0)
  if (object === old || options.dryRun) return { object, gone: false }
  return { object: api.store.put(table, object), gone: false }
}

/** Marks once; later calls may only shorten the grace. */
function marked(api: Api, old: KubeObject, finalizers: string[], grace: number): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = old.metadata
  const same = finalizers.length === (old.metadata.finalizers ?? []).length
  if (deletionTimestamp && deletionGracePeriodSeconds <= grace && same) return old
  const object = structuredClone(old)
  if (finalizers.length > 0) object.metadata.finalizers = finalizers
  if (!deletionTimestamp || grace < deletionGracePeriodSeconds) {
    const start = deletionTimestamp
      ? Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000
      : api.now().getTime()
    object.metadata.deletionTimestamp = timestamp(new Date(start + grace * 1000))
    object.metadata.deletionGracePeriodSeconds = grace
  }
  if (!deletionTimestamp && object.metadata.generation !== undefined)
    object.metadata.generation += 1
  if (object.kind === 'Namespace') object.status = { ...object.status, phase: 'Terminating' }
  return object
}

/** Waiting for dependents, or letting them go, is the work of a finalizer that the garbage collector removes. */
function finalizersFor({ resource }: Served, old: KubeObject, options: DeleteOptions): string[] {
  const given = old.metadata.finalizers ?? []
  const policy = options.propagationPolicy ?? (resource.orphansByDefault ? 'Orphan' : undefined)
  if (policy === undefined) return given
  const rest = given.filter((one) => one !== 'foregroundDeletion' && one !== 'orphan')
  if (policy === 'Foreground') return [...rest, 'foregroundDeletion']
  return policy === 'Orphan' ? [...rest, 'orphan'] : rest
}

function checkPreconditions({ resource }: Served, old: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {}
  const named = { group: '', plural: resource.kind, kind: resource.kind }
  const { name } = old.metadata
  if (uid && uid !== old.metadata.uid)
    throw conflict(
      named,
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${old.metadata.uid}). The object might have been deleted and then recreated`,
    )
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion)
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${old.metadata.resourceVersion}). The object might have been modified`,
    )
}

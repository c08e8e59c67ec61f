import type { Api } from '#server/lab/cluster/api/api.ts'
import { StatusError } from '#server/lab/cluster/api/status.ts'
import { deleteObject } from '#server/lab/cluster/api/verbs/delete-object.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'
import type { Change } from './store.ts'

type Ref = { table: string; namespace: string | undefined; name: string }

/**
 * Deletes objects whose owners are all gone, and carries out foreground and orphan deletion, until the signal aborts.
 */
export function startGarbageCollector(api: Api, signal: AbortSignal): void {
  const uids = new Set<string>()
  const dependents = new Map<string, Map<string, Ref>>()
  /** Objects that wait for their end. */
  const marked = new Map<string, Ref>()
  let seen = api.store.revision()
  let scheduled = false

  function learn(table: string, object: KubeObject): void {
    const { namespace, name, deletionTimestamp } = object.metadata
    const ref = { table, namespace, name }
    uids.add(object.metadata.uid)
    if (deletionTimestamp) marked.set(object.metadata.uid, ref)
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const known = dependents.get(uid) ?? new Map<string, Ref>()
      dependents.set(uid, known.set(object.metadata.uid, ref))
    }
  }

  function onChange({ type, table, object, previous }: Change): void {
    for (const { uid } of previous?.metadata.ownerReferences ?? [])
      dependents.get(uid)?.delete(object.metadata.uid)
    if (type === 'DELETED') {
      const { uid } = object.metadata
      uids.delete(uid)
      marked.delete(uid)
      for (const ref of dependents.get(uid)?.values() ?? []) collect(ref)
      if (dependents.get(uid)?.size === 0) dependents.delete(uid)
      for (const owner of previous?.metadata.ownerReferences ?? []) finishOwner(owner.uid)
      return
    }
    learn(table, object)
    const { namespace, name } = object.metadata
    if (object.metadata.deletionTimestamp) finish(table, object)
    else if (object.metadata.ownerReferences?.length) collect({ table, namespace, name })
  }

  /** Deletes a dependent that has no owner left. */
  function collect(ref: Ref): void {
    const object = api.store.get(ref.table, ref.namespace, ref.name)
    const owners = object?.metadata.ownerReferences ?? []
    if (!object || owners.length === 0 || object.metadata.deletionTimestamp) return
    const living = owners.filter((owner) => uids.has(owner.uid))
    if (living.length === 0) remove(ref, object.metadata.uid)
    else if (living.length < owners.length) patch(ref, { metadata: { ownerReferences: living } })
  }

  /** Brings an object that is marked one step nearer to its end. */
  function finish(table: string, object: KubeObject): void {
    const { namespace, name, uid, finalizers = [] } = object.metadata
    const owned = [...(dependents.get(uid)?.values() ?? [])]
    if (finalizers.includes('orphan')) {
      for (const ref of owned) {
        const dependent = api.store.get(ref.table, ref.namespace, ref.name)
        const rest = dependent?.metadata.ownerReferences?.filter((owner) => owner.uid !== uid)
        if (rest) patch(ref, { metadata: { ownerReferences: rest.length > 0 ? rest : null } })
      }
      release({ table, namespace, name }, finalizers, 'orphan')
    } else if (finalizers.includes('foregroundDeletion')) {
      const blocking = owned.filter((ref) => blocks(ref, uid))
      for (const ref of owned) {
        const dependent = api.store.get(ref.table, ref.namespace, ref.name)
        if (dependent && !dependent.metadata.deletionTimestamp) remove(ref, dependent.metadata.uid)
      }
      if (blocking.every((ref) => !api.store.get(ref.table, ref.namespace, ref.name)))
        release({ table, namespace, name }, finalizers, 'foregroundDeletion')
    }
  }

  function blocks(ref: Ref, uid: string): boolean {
    const object = api.store.get(ref.table, ref.namespace, ref.name)
    return (
      object?.metadata.ownerReferences?.some(
        (owner) => owner.uid === uid && owner.blockOwnerDeletion,
      ) ?? false
    )
  }

  function finishOwner(uid: string): void {
    const ref = marked.get(uid)
    const object = ref && api.store.get(ref.table, ref.namespace, ref.name)
    if (ref && object?.metadata.uid === uid) finish(ref.table, object)
  }

  function release(ref: Ref, finalizers: string[], done: string): void {
    patch(ref, { metadata: { finalizers: finalizers.filter((one) => one !== done) } })
  }

  function patch(ref: Ref, body: object): void {
    tolerant(() => void api.client.patch(ref.table, ref.namespace, ref.name, body))
  }

  function remove(ref: Ref, uid: string): void {
    const resource = api.registry.byTable(ref.table)
    if (!resource) return
    const served = { resource, version: resource.version, other: undefined }
    const options = {
      preconditions: { uid },
      propagationPolicy: 'Background' as const,
      dryRun: false,
    }
    tolerant(() => void deleteObject(api, served, ref.namespace, ref.name, options))
  }

  function run(): void {
    scheduled = false
    for (const table of api.store.tables())
      for (const change of api.store.changesSince(table, seen)) pending.push(change)
    pending.sort((a, b) => a.revision - b.revision)
    seen = api.store.revision()
    for (const change of pending.splice(0)) {
      if (signal.aborted) return
      onChange(change)
    }
  }
  const pending: Change[] = []

  for (const table of api.store.tables())
    for (const object of api.store.list(table)) learn(table, object)
  const stop = api.store.onChange('*', () => {
    if (scheduled) return
    scheduled = true
    setImmediate(run)
  })
  signal.addEventListener('abort', stop)
}

/** The world may have moved on: what is gone or changed meanwhile comes by again as a change of its own. */
function tolerant(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
  }
}

import type { ClusterClient, WatchEvent } from '#server/lab/cluster/client.ts'
import type { Api } from './api.ts'
import { mergePatch } from './patch/merge-patch.ts'
import type { Served } from './registry.ts'
import { noSuchResource } from './status.ts'
import { createObject } from './verbs/create-object.ts'
import { deleteObject } from './verbs/delete-object.ts'
import { currentObject, updateObject } from './verbs/update-object.ts'
import type { WriteOptions } from './verbs/write-options.ts'

/** The cluster's own way in: same rules as over HTTP, without socket and RBAC. */
export function localClient(api: () => Api, manager = 'kube-controller-manager'): ClusterClient {
  const servedAs = (table: string): Served => {
    const resource = api().registry.byTable(table)
    if (!resource) throw noSuchResource()
    return { resource, version: resource.version, other: undefined }
  }
  const options = (subresource?: string): WriteOptions => ({
    user: undefined,
    manager,
    dryRun: false,
    subresource,
    fieldValidation: 'Ignore',
    warn: () => undefined,
  })
  const patch = (
    table: string,
    namespace: string | undefined,
    name: string,
    body: object,
    subresource?: string,
  ) => {
    const served = servedAs(table)
    const next = mergePatch(currentObject(api(), served, namespace, name), body)
    return updateObject(api(), served, namespace, name, next, options(subresource), {
      verb: 'patch',
    })
  }

  return {
    find: (table, namespace, name) => api().store.get(table, namespace, name),
    list(table, { namespace, labels } = {}) {
      const all = api().store.list(table, namespace)
      if (!labels) return all
      const wanted = Object.entries(labels)
      return all.filter(({ metadata }) =>
        wanted.every(([key, value]) => metadata.labels?.[key] === value),
      )
    },
    create: (table, object) =>
      createObject(api(), servedAs(table), object.metadata.namespace, object, options()),
    replace: (table, object) =>
      updateObject(
        api(),
        servedAs(table),
        object.metadata.namespace,
        object.metadata.name,
        object,
        options(),
      ),
    replaceStatus: (table, object) =>
      updateObject(
        api(),
        servedAs(table),
        object.metadata.namespace,
        object.metadata.name,
        object,
        options('status'),
      ),
    patch: (table, namespace, name, body) => patch(table, namespace, name, body),
    patchStatus: (table, namespace, name, body) => patch(table, namespace, name, body, 'status'),
    remove(table, namespace, name, { gracePeriodSeconds } = {}) {
      deleteObject(api(), servedAs(table), namespace, name, {
        dryRun: false,
        ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      })
    },
    watch: (table, onEvent, signal) => watchTable(api(), table, onEvent, signal),
  }
}

function watchTable(
  { store, warn }: Api,
  table: string,
  onEvent: (event: WatchEvent) => void,
  signal: AbortSignal,
): void {
  if (signal.aborted) return
  let seen = store.revision()
  let scheduled = false
  const deliver = () => {
    scheduled = false
    for (const { revision, type, object } of store.changesSince(table, seen)) {
      if (signal.aborted) return
      seen = revision
      try {
        onEvent({ type, object })
      } catch (error) {
        // One controller's mistake must not end the cluster, nor hide the next events from it.
        if (!warn) throw error
        warn(error instanceof Error ? (error.stack ?? error.message) : String(error))
      }
    }
  }
  // Later, not inside the write: a controller that writes in its callback must not find itself called in between.
  const stop = store.onChange(table, () => {
    if (scheduled) return
    scheduled = true
    queueMicrotask(deliver)
  })
  signal.addEventListener('abort', stop)
  for (const object of store.list(table)) {
    if (signal.aborted) return
    onEvent({ type: 'ADDED', object })
  }
}

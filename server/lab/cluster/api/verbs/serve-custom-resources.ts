import type { Api } from '#server/lab/cluster/api/api.ts'
import { tableOf } from '#server/lab/cluster/api/registry.ts'
import { customResourceDefinitions } from '#server/lab/cluster/crd/crd-resource.ts'
import { resourceOfCrd } from '#server/lab/cluster/crd/resource-of-crd.ts'

/** Serves a kind for every accepted CRD, for as long as the CRD is there. */
export function serveCustomResources({ client, registry }: Api, signal: AbortSignal): void {
  // The generation whose schema is compiled: a change of the status compiles nothing again.
  const served = new Map<string, number>()
  client.watch(
    tableOf(customResourceDefinitions),
    ({ type, object }) => {
      // A CRD's own name is the name of its table.
      const { name, generation = 1 } = object.metadata
      if (type === 'DELETED') {
        if (served.delete(name)) registry.remove(name)
        return
      }
      const isBuiltIn = !served.has(name) && registry.byTable(name) !== undefined
      if (isBuiltIn || served.get(name) === generation) return
      const resource = resourceOfCrd(object)
      if (!resource) return
      served.set(name, generation)
      registry.add(resource)
    },
    signal,
  )
}

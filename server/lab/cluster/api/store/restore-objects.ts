import type { Api } from '#server/lab/cluster/api/api.ts'
import { tableOf } from '#server/lab/cluster/api/registry.ts'
import { toStored } from '#server/lab/cluster/api/verbs/write-options.ts'
import type { KubeObject } from '#server/lab/cluster/client.ts'

/** As reading an etcd snapshot: see `RunningCluster.restore`. */
export function restoreObjects({ registry, store }: Api, objects: KubeObject[]): void {
  for (const object of objects) {
    const { apiVersion, kind } = object
    const served = registry.findKind(apiVersion, kind)
    if (!served) throw new Error(`no kind ${kind} in ${apiVersion} is served`)
    store.put(tableOf(served.resource), toStored(served, structuredClone(object)))
  }
}

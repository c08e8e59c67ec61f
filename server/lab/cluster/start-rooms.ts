import { rbacResources } from './access/rbac-resources.ts'
import type { Api } from './api/api.ts'
import { coreResources } from './api/resources/core-resources.ts'
import { evictionHandler } from './api/resources/eviction-handler.ts'
import { otherResources } from './api/resources/other-resources.ts'
import { startGarbageCollector } from './api/store/collect-garbage.ts'
import { startNamespaceFinisher } from './api/store/finish-namespaces.ts'
import { serveCustomResources } from './api/verbs/serve-custom-resources.ts'
import { customResourceDefinitions } from './crd/crd-resource.ts'
import { startCrds } from './crd/start-crds.ts'
import type { AddressPlan } from './network/addresses.ts'
import { startTekton, type TektonOptions } from './tekton/start-tekton.ts'
import { tektonResources } from './tekton/tekton-resources.ts'
import {
  startWorkloads,
  type WorkloadOptions,
  type Workloads,
} from './workloads/start-workloads.ts'
import { workloadResources } from './workloads/workload-resources.ts'

const systemNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

/** What remains to be started once tokens can be issued. */
export type Rooms = {
  startWorkloads(options: WorkloadOptions): Workloads
  startTekton(options: TektonOptions): void
}

/** Registers every kind, and starts the controllers that need nothing but the API. */
export function startRooms(api: Api, addresses: AddressPlan, signal: AbortSignal): Rooms {
  const { client, registry } = api
  const resources = [
    ...coreResources(),
    ...workloadResources(addresses),
    ...otherResources(),
    ...rbacResources(),
    customResourceDefinitions,
    ...tektonResources,
  ]
  for (const resource of resources) registry.add(resource)
  registry.addHandler(evictionHandler(client))
  startGarbageCollector(api, signal)
  startNamespaceFinisher(api, signal)
  serveCustomResources(api, signal)
  startCrds(client, signal)
  for (const name of systemNamespaces)
    client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  return {
    startWorkloads: (options) => startWorkloads(client, options, signal),
    startTekton: (options) => startTekton(client, options, signal),
  }
}

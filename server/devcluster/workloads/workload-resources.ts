import type { Resource } from '#server/devcluster/api/resource.ts'
import type { AddressPlan } from '#server/devcluster/network/addresses.ts'
import { deploymentResource, replicaSetResource } from './deployment-resources.ts'
import { endpointSliceResource, endpointsResource } from './endpoint-resources.ts'
import { eventResource, nodeResource } from './node-resources.ts'
import { podResource } from './pod-resource.ts'
import { serviceResource } from './service-resource.ts'

/** The kinds that this room serves; Services take their addresses from the cluster's plan. */
export function workloadResources(addresses: AddressPlan): Resource[] {
  return [
    podResource(),
    serviceResource(addresses),
    endpointsResource(),
    endpointSliceResource(),
    nodeResource(),
    eventResource(),
    deploymentResource(),
    replicaSetResource(),
  ]
}

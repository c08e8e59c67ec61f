import type { Resource } from '#server/lab/cluster/api/resource.ts'
import type { AddressPlan } from '#server/lab/cluster/network/addresses.ts'
import { deploymentResource, replicaSetResource } from './deployments/deployment-resources.ts'
import { endpointSliceResource, endpointsResource } from './endpoint-resources.ts'
import { eventResource, nodeResource } from './nodes/node-resources.ts'
import { podResource } from './pods/pod-resource.ts'
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

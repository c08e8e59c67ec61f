import { setMaxListeners } from 'node:events'
import type { Handler } from '#server/lab/cluster/api/handler.ts'
import type { ClusterClient } from '#server/lab/cluster/client.ts'
import type { ImageTable } from '#server/lab/cluster/images/image-table.ts'
import type { KubeletOptions } from '#server/lab/cluster/kubelet/kubelet-context.ts'
import { podLogHandler } from '#server/lab/cluster/kubelet/log/pod-log-handler.ts'
import { startKubelet } from '#server/lab/cluster/kubelet/start-kubelet.ts'
import type { IssueToken } from '#server/lab/cluster/kubelet/volumes.ts'
import type { AddressPlan } from '#server/lab/cluster/network/addresses.ts'
import { proxyHandlers } from '#server/lab/cluster/network/proxy-handlers.ts'
import { startNetwork } from '#server/lab/cluster/network/start-network.ts'
import { startDeployments } from './deployments/deployments.ts'
import { startReplicaSets } from './deployments/replica-sets.ts'
import { startEndpointSlices } from './endpoint-slices.ts'
import { startNamespaceDefaults } from './namespace-defaults.ts'
import { startNode } from './nodes/node.ts'
import { startScheduler } from './nodes/scheduler.ts'

export type WorkloadOptions = {
  /** `node1` where absent. */
  nodeName?: string
  stateDir: string
  images: ImageTable
  /** The same plan that workloadResources() was given. */
  addresses: AddressPlan
  apiServer: { url: string; ca: string }
  issueToken: IssueToken
  /** The version of the API server: the node reports the same. */
  version: string
  warn: (message: string) => void
  /** For tests of the kubelet's limits; otherwise as on a real node. */
  kubelet?: Pick<KubeletOptions, 'logBytesMax' | 'crashBackoffMs' | 'teardownMs' | 'removalMs'>
}

export type Workloads = {
  /** pods/log, pods/proxy, services/proxy: registered by the API server. */
  handlers: Handler[]
  /** Resolves when no container is left; call it after the signal has aborted. */
  stopped(): Promise<void>
}

/** Starts the controllers, the scheduler, the one node with its kubelet, and the network. */
export function startWorkloads(
  client: ClusterClient,
  options: WorkloadOptions,
  signal: AbortSignal,
): Workloads {
  // Every watch listens to it.
  setMaxListeners(0, signal)
  const nodeName = options.nodeName ?? 'node1'
  const { addresses, apiServer, warn, version } = options
  startNamespaceDefaults(client, apiServer.ca, signal)
  startNode(
    client,
    { nodeName, nodeIp: addresses.nodeIp, podCidr: addresses.podCidr, version },
    signal,
  )
  const network = startNetwork(client, { stateDir: options.stateDir, warn }, signal)
  const kubelet = startKubelet(
    client,
    {
      nodeName,
      stateDir: options.stateDir,
      images: options.images,
      addresses,
      networkDir: network.directory,
      apiServer,
      issueToken: options.issueToken,
      ...options.kubelet,
    },
    warn,
    signal,
  )
  startScheduler(client, nodeName, signal)
  startReplicaSets(client, signal)
  startDeployments(client, signal)
  startEndpointSlices(client, signal)
  return {
    handlers: [podLogHandler(client, kubelet), ...proxyHandlers(client)],
    stopped: () => kubelet.stopped(),
  }
}

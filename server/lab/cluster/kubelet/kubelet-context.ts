import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import type { ImageTable } from '#server/lab/cluster/images/image-table.ts'
import type { AddressPlan } from '#server/lab/cluster/network/addresses.ts'
import type { EventInput } from '#server/lab/cluster/workloads/record-event.ts'
import type { Reaper } from './reaper.ts'
import type { IssueToken } from './volumes.ts'

export type KubeletOptions = {
  nodeName: string
  /** Everything of the pods is below it. */
  stateDir: string
  images: ImageTable
  addresses: AddressPlan
  /** Read by the preload of node processes. */
  networkDir: string
  apiServer: { url: string; ca: string }
  issueToken: IssueToken
  /** Size at which a container's log is rotated: 10 MiB as on a real node. */
  logBytesMax?: number
  /** The wait before the second restart; doubles up to five minutes. */
  crashBackoffMs?: number
  /** How long a pod whose containers have all ended is still called running. */
  teardownMs?: number
  /**
   * How long a deleted pod is still in the API when its containers are removed already: 0 where absent, about a second
   * on a real node. A log that is asked for meanwhile is answered with 200 and the kubelet's own error as the body.
   */
  removalMs?: number
}

/** What every part of the kubelet needs. */
export type KubeletContext = Required<KubeletOptions> & {
  client: ClusterClient
  reaper: Reaper
  record: (input: Omit<EventInput, 'component' | 'host' | 'about'> & { about: KubeObject }) => void
  /** Aborts with the cluster: every wait ends then. */
  signal: AbortSignal
}

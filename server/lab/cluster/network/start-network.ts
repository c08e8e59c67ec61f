import { join } from 'node:path'
import type { ClusterClient } from '#server/lab/cluster/client.ts'
import { watchCluster } from './cluster-state.ts'
import { startKubeProxy } from './kube-proxy.ts'
import { networkFiles } from './network-files.ts'

export type NetworkOptions = { stateDir: string; warn: (message: string) => void }

export type Network = {
  /** What the pods' preload reads: given to them as DEVCLUSTER_NETWORK. */
  directory: string
}

/** Keeps Service addresses, names and policies true until the signal aborts. */
export function startNetwork(
  client: ClusterClient,
  options: NetworkOptions,
  signal: AbortSignal,
): Network {
  const files = networkFiles(join(options.stateDir, 'network'))
  const proxy = startKubeProxy(options.warn)
  watchCluster(
    client,
    (state) => {
      proxy.update(state)
      files.update(state)
    },
    signal,
  )
  signal.addEventListener('abort', () => proxy.close())
  return { directory: files.directory }
}

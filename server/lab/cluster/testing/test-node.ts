import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Api } from '#server/lab/cluster/api/api.ts'
import { localClient } from '#server/lab/cluster/api/local-client.ts'
import { createRegistry } from '#server/lab/cluster/api/registry.ts'
import type { Resource } from '#server/lab/cluster/api/resource.ts'
import { StatusError } from '#server/lab/cluster/api/status.ts'
import { createStore } from '#server/lab/cluster/api/store/store.ts'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { busyboxImage, type ImageTable } from '#server/lab/cluster/images/image-table.ts'
import { claimAddresses } from '#server/lab/cluster/network/addresses.ts'
import {
  startWorkloads,
  type WorkloadOptions,
} from '#server/lab/cluster/workloads/start-workloads.ts'
import { workloadResources } from '#server/lab/cluster/workloads/workload-resources.ts'

/** This room over the real store, without the HTTP server. */
export type TestNode = {
  client: ClusterClient
  stateDir: string
  /** Aborts when the node is closed. */
  signal: AbortSignal
  pod(namespace: string, name: string, spec: object, labels?: Record<string, string>): KubeObject
  find(namespace: string, name: string): KubeObject | undefined
  /** What `pods/log` answers: the text, or the message of its Status. */
  log(namespace: string, name: string, query?: string): Promise<string>
  close(): Promise<void>
}

export const busybox = 'localhost/busybox:1'
export const namespaces = ['team-a', 'team-b']

/** Starts a node with two namespaces; `close` leaves nothing behind. */
export async function startTestNode(
  images: ImageTable = {},
  kubelet: WorkloadOptions['kubelet'] = {},
  others: Resource[] = [],
): Promise<TestNode> {
  const end = new AbortController()
  const addresses = await claimAddresses(end.signal)
  const registry = createRegistry()
  for (const resource of [...plainResources(), ...workloadResources(addresses), ...others])
    registry.add(resource)
  const client = localClient(() => api)
  const api: Api = { store: createStore(), registry, client, now: () => new Date() }
  const stateDir = mkdtempSync(join(tmpdir(), 'node-'))
  const workloads = startWorkloads(
    client,
    {
      stateDir,
      addresses,
      images: { [busybox]: busyboxImage(), ...images },
      apiServer: { url: 'https://127.0.0.1:6443', ca: 'CA' },
      issueToken: async ({ pod }) => ({ token: `token of ${pod.name}`, expirationTimestamp: '' }),
      version: 'v1.36.0',
      warn: (message) => {
        throw new Error(message)
      },
      kubelet,
    },
    end.signal,
  )
  for (const name of namespaces) {
    const metadata = { name, labels: { 'kubernetes.io/metadata.name': name } }
    client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata })
    client.create('serviceaccounts', {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: name },
    })
  }

  return {
    client,
    stateDir,
    signal: end.signal,
    pod: (namespace, name, spec, labels = {}) =>
      client.create('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, labels },
        spec,
      }),
    find: (namespace, name) => client.find('pods', namespace, name),
    async log(namespace, name, query = '') {
      const handler = workloads.handlers.find((one) => one.subresource === 'log')
      try {
        const reply = await handler?.handle({
          verb: 'get',
          method: 'GET',
          group: '',
          version: 'v1',
          resource: 'pods',
          namespace,
          name,
          subpath: '',
          query: new URLSearchParams(query),
          signal: end.signal,
          // The handler reads nothing else of a request.
        } as Parameters<typeof handler.handle>[0])
        if (!reply || reply === 'written' || !('stream' in reply)) return ''
        const parts: Buffer[] = []
        for await (const part of reply.stream) parts.push(Buffer.from(part))
        return Buffer.concat(parts).toString('utf8')
      } catch (error) {
        if (error instanceof StatusError) return error.message
        throw error
      }
    },
    async close() {
      end.abort()
      await workloads.stopped()
      rmSync(stateDir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** Kinds of other rooms, as far as they are stored. */
function plainResources(): Resource[] {
  const plain = (group: string, plural: string, kind: string, namespaced = true): Resource => ({
    group,
    version: 'v1',
    plural,
    singular: kind.toLowerCase(),
    kind,
    namespaced,
    columns: [],
  })
  return [
    plain('', 'namespaces', 'Namespace', false),
    plain('', 'serviceaccounts', 'ServiceAccount'),
    plain('', 'configmaps', 'ConfigMap'),
    plain('', 'secrets', 'Secret'),
    plain('', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
    plain('networking.k8s.io', 'networkpolicies', 'NetworkPolicy'),
  ]
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Api } from '#server/lab/cluster/api/api.ts'
import { localClient } from '#server/lab/cluster/api/local-client.ts'
import { createRegistry } from '#server/lab/cluster/api/registry.ts'
import type { Resource } from '#server/lab/cluster/api/resource.ts'
import { createStore } from '#server/lab/cluster/api/store/store.ts'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { busyboxImage } from '#server/lab/cluster/images/image-table.ts'
import { type AddressPlan, claimAddresses } from '#server/lab/cluster/network/addresses.ts'
import { startTekton } from '#server/lab/cluster/tekton/start-tekton.ts'
import type { TaskRunSpec, TaskRunStatus } from '#server/lab/cluster/tekton/task-types.ts'
import { tektonImages } from '#server/lab/cluster/tekton/tekton-images.ts'
import { tektonResources } from '#server/lab/cluster/tekton/tekton-resources.ts'
import { startWorkloads, type Workloads } from '#server/lab/cluster/workloads/start-workloads.ts'
import { workloadResources } from '#server/lab/cluster/workloads/workload-resources.ts'

export const image = 'localhost/busybox:1'

/** TaskRuns and what runs their pods, for all tests of a file, without an API server before them. */
export function sceneOfTaskRuns() {
  const end = new AbortController()
  let client: ClusterClient
  let workloads: Workloads
  let directory = ''

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tekton-'))
    const addresses: AddressPlan = await claimAddresses(end.signal)
    const registry = createRegistry()
    for (const one of [...workloadResources(addresses), ...tektonResources]) registry.add(one)
    for (const kind of plainKinds) registry.add(plain(kind))
    const api: Api = {
      store: createStore(),
      registry,
      client: localClient(() => api),
      now: () => new Date(),
    }
    client = api.client
    const images = { ...tektonImages(), [image]: busyboxImage() }
    const warn = (message: string) => expect.fail(message)
    workloads = startWorkloads(
      client,
      {
        stateDir: directory,
        images,
        addresses,
        apiServer: { url: 'https://127.0.0.1:1', ca: '' },
        issueToken: async () => ({ token: 'x', expirationTimestamp: '2100-01-01T00:00:00Z' }),
        version: 'v1.36.0',
        warn,
      },
      end.signal,
    )
    startTekton(client, { images, warn }, end.signal)
    client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } })
    await see('serviceaccounts', 'default', Boolean)
  })

  afterAll(async () => {
    end.abort()
    await workloads.stopped()
    rmSync(directory, { recursive: true, force: true })
  })

  /** Resolves with the object once it is as wanted. */
  function see(
    resource: string,
    name: string,
    wanted: (object: KubeObject) => boolean,
  ): Promise<KubeObject> {
    return new Promise((resolve) => {
      const over = new AbortController()
      client.watch(
        resource,
        ({ object }) => {
          if (object.metadata.name !== name || !wanted(object)) return
          over.abort()
          resolve(object)
        },
        AbortSignal.any([over.signal, end.signal]),
      )
    })
  }

  return {
    get client() {
      return client
    },
    get directory() {
      return directory
    },
    see,

    create(name: string, spec: Partial<TaskRunSpec> & Record<string, unknown>) {
      const metadata = { name, namespace: 'a' }
      const run = { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata, spec }
      client.create('taskruns.tekton.dev', run)
    },

    async ended(name: string): Promise<TaskRunStatus> {
      return (await see('taskruns.tekton.dev', name, isOver)).status
    },
  }
}

const plainKinds = ['Namespace', 'ServiceAccount', 'ConfigMap', 'Secret', 'PersistentVolumeClaim']

function plain(kind: string): Resource {
  const singular = kind.toLowerCase()
  const plural = `${singular}s`
  return {
    group: '',
    version: 'v1',
    plural,
    singular,
    kind,
    namespaced: kind !== 'Namespace',
    columns: [],
  }
}

export function reasonOf(run: KubeObject): string | undefined {
  return run.status?.conditions?.[0]?.reason
}

export function isOver(run: KubeObject): boolean {
  return ['True', 'False'].includes(run.status?.conditions?.[0]?.status)
}

export function steps(...scripts: string[]) {
  return {
    taskSpec: { steps: scripts.map((script, index) => ({ name: `s${index}`, image, script })) },
  }
}

import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { eventRecorder } from '#server/lab/cluster/workloads/record-event.ts'
import type { KubeletContext, KubeletOptions } from './kubelet-context.ts'
import type { PodRun } from './pod-run.ts'
import { type PodWorker, startPod } from './pod-worker.ts'
import { startReaper } from './reaper.ts'

export type Kubelet = {
  /** What is known of a pod, for its logs. */
  find(uid: string): PodRun | undefined
  /** Resolves when no container is left; call it after the signal has aborted. */
  stopped(): Promise<void>
}

const tenMiB = 10 * 1024 * 1024
const tokenCheckMs = 30_000

/** Runs the pods that are assigned to this node, until the signal aborts. */
export function startKubelet(
  client: ClusterClient,
  options: KubeletOptions,
  warn: (message: string) => void,
  signal: AbortSignal,
): Kubelet {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 })
  const record = eventRecorder(client)
  const context: KubeletContext = {
    logBytesMax: tenMiB,
    crashBackoffMs: 10_000,
    teardownMs: 1000,
    removalMs: 0,
    ...options,
    client,
    signal,
    reaper: startReaper(randomUUID(), signal),
    record: (input) => record({ ...input, component: 'kubelet', host: options.nodeName }),
  }
  const workers = new Map<string, PodWorker>()
  const ending = new Set<Promise<void>>()

  function onPod(pod: KubeObject, gone: boolean) {
    const { uid } = pod.metadata
    const worker = workers.get(uid)
    if (gone) {
      workers.delete(uid)
      worker?.abandon()
    } else if (worker) worker.update(pod)
    else if (pod.spec.nodeName === options.nodeName && !isOver(pod)) {
      const begun = startPod(context, pod)
      workers.set(uid, begun)
      const done = begun.done.catch((error) => warn(`pod ${pod.metadata.name}: ${error}`))
      ending.add(done)
      void done.then(() => ending.delete(done))
    }
  }

  client.watch('pods', ({ type, object }) => onPod(object, type === 'DELETED'), signal)
  for (const source of ['configmaps', 'secrets'])
    client.watch(
      source,
      ({ object }) => {
        for (const worker of workers.values())
          if (worker.run.pod.metadata.namespace === object.metadata.namespace)
            worker.refreshVolumes()
      },
      signal,
    )
  const renewal = setInterval(() => {
    for (const worker of workers.values()) worker.refreshVolumes()
  }, tokenCheckMs).unref()

  signal.addEventListener('abort', () => {
    clearInterval(renewal)
    for (const worker of workers.values()) worker.abandon()
  })

  return {
    find: (uid) => workers.get(uid)?.run,
    async stopped() {
      await Promise.all(ending)
    },
  }
}

function isOver(pod: KubeObject): boolean {
  return ['Succeeded', 'Failed'].includes(pod.status?.phase)
}

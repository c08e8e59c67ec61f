import { isDeepStrictEqual } from 'node:util'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import { selectorMatches } from '#server/lab/cluster/network/label-selector.ts'
import type { Fields } from '#server/lab/cluster/workloads/open-fields.ts'
import {
  controlledBy,
  controllerOf,
  isPodActive,
  isPodReady,
  keyOf,
  ownerReference,
  splitKey,
  timestamp,
  untilAvailableMs,
} from '#server/lab/cluster/workloads/pods/pod-facts.ts'
import { reconcileQueue } from '#server/lab/cluster/workloads/reconcile-queue.ts'
import { eventRecorder } from '#server/lab/cluster/workloads/record-event.ts'

const component = 'replicaset-controller'

/** Keeps the number of pods that each ReplicaSet asks for. */
export function startReplicaSets(client: ClusterClient, signal: AbortSignal) {
  const record = eventRecorder(client)

  function createPod(set: KubeObject) {
    const { metadata, spec } = set.spec.template
    const pod = client.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        generateName: `${set.metadata.name}-`,
        namespace: set.metadata.namespace,
        ...(metadata?.labels ? { labels: metadata.labels } : {}),
        ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
        ownerReferences: [ownerReference(set)],
      },
      spec: structuredClone(spec),
    })
    record({
      about: set,
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${pod.metadata.name}`,
      component,
    })
  }

  function removePod(set: KubeObject, pod: KubeObject) {
    client.remove('pods', pod.metadata.namespace, pod.metadata.name)
    record({
      about: set,
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `Deleted pod: ${pod.metadata.name}`,
      component,
    })
  }

  const queue = reconcileQueue((key) => {
    const { namespace, name } = splitKey(key)
    const set = client.find('replicasets.apps', namespace, name)
    if (!set || set.metadata.deletionTimestamp) return undefined
    adopt(client, set)
    const active = controlledBy(client, 'pods', set).filter(isPodActive)
    let failure: string | undefined
    try {
      for (let missing = set.spec.replicas - active.length; missing > 0; missing -= 1)
        createPod(set)
      for (const pod of leastWanted(active).slice(
        0,
        Math.max(0, active.length - set.spec.replicas),
      ))
        removePod(set, pod)
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
      record({
        about: set,
        type: 'Warning',
        reason: 'FailedCreate',
        message: `Error creating: ${failure}`,
        component,
      })
    }
    const againMs = writeStatus(client, set, failure)
    return failure ? 1000 : againMs
  }, signal)

  client.watch('replicasets.apps', ({ object }) => queue.add(keyOf(object)), signal)
  client.watch(
    'pods',
    ({ object }) => {
      const owner = controllerOf(object)
      if (owner?.kind === 'ReplicaSet') queue.add(`${object.metadata.namespace}/${owner.name}`)
      else if (!owner)
        for (const set of client.list('replicasets.apps', { namespace: object.metadata.namespace }))
          if (selectorMatches(set.spec.selector, object.metadata.labels)) queue.add(keyOf(set))
    },
    signal,
  )
}

/** Pods that match and belong to nobody become the set's. */
function adopt(client: ClusterClient, set: KubeObject) {
  for (const pod of client.list('pods', { namespace: set.metadata.namespace })) {
    if (controllerOf(pod) || !isPodActive(pod)) continue
    if (!selectorMatches(set.spec.selector, pod.metadata.labels)) continue
    const ownerReferences = [...(pod.metadata.ownerReferences ?? []), ownerReference(set)]
    client.patch('pods', pod.metadata.namespace, pod.metadata.name, {
      metadata: { ownerReferences },
    })
  }
}

/** Not scheduled first, then not ready, then the youngest. */
function leastWanted(pods: KubeObject[]): KubeObject[] {
  const rank = (pod: KubeObject) => (!pod.spec.nodeName ? 0 : isPodReady(pod) ? 2 : 1)
  return [...pods].sort(
    (a, b) =>
      rank(a) - rank(b) || b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp),
  )
}

function writeStatus(
  client: ClusterClient,
  seen: KubeObject,
  failure: string | undefined,
): number | undefined {
  const set = client.find('replicasets.apps', seen.metadata.namespace, seen.metadata.name)
  if (!set) return undefined
  const active = controlledBy(client, 'pods', set).filter(isPodActive)
  const minReadySeconds: number = set.spec.minReadySeconds ?? 0
  const waits = active.map((pod) => untilAvailableMs(pod, minReadySeconds))
  const available = waits.filter((ms) => ms === 0).length
  const ready = active.filter(isPodReady).length
  const labeled = active.filter((pod) =>
    selectorMatches({ matchLabels: set.spec.template.metadata?.labels ?? {} }, pod.metadata.labels),
  ).length
  const before: Fields | undefined = set.status?.conditions?.find(
    (one: Fields) => one.type === 'ReplicaFailure',
  )
  const status = {
    replicas: active.length,
    ...(labeled ? { fullyLabeledReplicas: labeled } : {}),
    ...(ready ? { readyReplicas: ready } : {}),
    ...(available ? { availableReplicas: available } : {}),
    observedGeneration: set.metadata.generation,
    ...(failure
      ? {
          conditions: [
            {
              type: 'ReplicaFailure',
              status: 'True',
              lastTransitionTime: before?.lastTransitionTime ?? timestamp(),
              reason: 'FailedCreate',
              message: failure,
            },
          ],
        }
      : {}),
  }
  if (!isDeepStrictEqual(status, set.status))
    client.replaceStatus('replicasets.apps', { ...set, status })
  const soon = waits.filter((ms) => ms !== undefined && ms > 0)
  return soon.length > 0 ? Math.min(...soon.map(Number)) : undefined
}

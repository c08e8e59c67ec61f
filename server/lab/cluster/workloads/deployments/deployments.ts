import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import type { Fields } from '#server/lab/cluster/workloads/open-fields.ts'
import {
  controlledBy,
  controllerOf,
  keyOf,
  ownerReference,
  splitKey,
} from '#server/lab/cluster/workloads/pods/pod-facts.ts'
import { reconcileQueue } from '#server/lab/cluster/workloads/reconcile-queue.ts'
import { eventRecorder } from '#server/lab/cluster/workloads/record-event.ts'
import {
  type RolloutSet,
  recreateSizes,
  rollingSizes,
  rolloutLimits,
} from './deployment-rollout.ts'
import { deploymentStatus } from './deployment-status.ts'

const component = 'deployment-controller'
const hashLabel = 'pod-template-hash'
const revisionKey = 'deployment.kubernetes.io/revision'
const sets = 'replicasets.apps'
const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** Rolls Deployments out: one ReplicaSet per template, sizes by strategy, old ones kept for undo. */
export function startDeployments(client: ClusterClient, signal: AbortSignal) {
  const record = eventRecorder(client)

  function resize(deployment: KubeObject, set: KubeObject, replicas: number) {
    if (set.spec.replicas === replicas) return
    const { name, namespace } = set.metadata
    client.patch(sets, namespace, name, {
      metadata: { annotations: sizeAnnotations(deployment) },
      spec: { replicas },
    })
    const way = replicas > set.spec.replicas ? 'up' : 'down'
    record({
      about: deployment,
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${way} replica set ${name} from ${set.spec.replicas} to ${replicas}`,
      component,
    })
  }

  function newSet(deployment: KubeObject, owned: KubeObject[]): KubeObject {
    const found = owned.find((set) => sameTemplate(set, deployment))
    const revision = String(
      1 +
        Math.max(
          0,
          ...owned
            .filter((set) => set !== found)
            .map((set) => Number(set.metadata.annotations?.[revisionKey] ?? 0)),
        ),
    )
    if (found) {
      const known = Number(found.metadata.annotations?.[revisionKey] ?? 0)
      if (known >= Number(revision)) return found
      return client.patch(sets, found.metadata.namespace, found.metadata.name, {
        metadata: { annotations: { [revisionKey]: revision } },
      })
    }
    const { spec, metadata } = deployment
    const hash = templateHash(spec.template, deployment.status?.collisionCount)
    const template = structuredClone(spec.template)
    template.metadata = {
      ...template.metadata,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
    }
    return client.create(sets, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${metadata.name}-${hash}`,
        namespace: metadata.namespace,
        labels: template.metadata.labels,
        annotations: { ...sizeAnnotations(deployment), [revisionKey]: revision },
        ownerReferences: [ownerReference(deployment)],
      },
      spec: {
        replicas: 0,
        ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
        selector: {
          ...spec.selector,
          matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash },
        },
        template,
      },
    })
  }

  const queue = reconcileQueue((key) => {
    const { namespace, name } = splitKey(key)
    const deployment = client.find('deployments.apps', namespace, name)
    if (!deployment || deployment.metadata.deletionTimestamp) return undefined
    let owned = controlledBy(client, sets, deployment)
    if (!deployment.spec.paused || owned.some((set) => sameTemplate(set, deployment))) {
      const current = newSet(deployment, owned)
      owned = controlledBy(client, sets, deployment)
      const replicas: number = deployment.spec.replicas
      const rollout = owned.map(
        (set): RolloutSet => ({
          name: set.metadata.name,
          replicas: set.spec.replicas,
          available: Math.min(set.status?.availableReplicas ?? 0, set.spec.replicas),
          isNew: set.metadata.name === current.metadata.name,
        }),
      )
      const strategy = deployment.spec.strategy ?? {}
      const sizes =
        strategy.type === 'Recreate'
          ? recreateSizes(rollout, replicas, hasOldPods(client, owned, current))
          : rollingSizes(rollout, rolloutLimits(replicas, strategy.rollingUpdate))
      for (const set of owned)
        resize(deployment, set, sizes.get(set.metadata.name) ?? set.spec.replicas)
      removeHistory(client, deployment, owned, current)
      noteRevision(client, deployment, current)
    }
    return writeStatus(client, namespace, name)
  }, signal)

  client.watch('deployments.apps', ({ object }) => queue.add(keyOf(object)), signal)
  const owner = (object: KubeObject) => {
    const found = controllerOf(object)
    if (found?.kind === 'Deployment') queue.add(`${object.metadata.namespace}/${found.name}`)
  }
  client.watch(sets, ({ object }) => owner(object), signal)
  client.watch(
    'pods',
    ({ type, object }) => {
      // Recreate waits until old pods are really gone.
      const set = type === 'DELETED' && controllerOf(object)
      const found = set && client.find(sets, object.metadata.namespace, set.name)
      if (found) owner(found)
    },
    signal,
  )
}

function writeStatus(client: ClusterClient, namespace: string, name: string): number | undefined {
  const deployment = client.find('deployments.apps', namespace, name)
  if (!deployment) return undefined
  const owned = controlledBy(client, sets, deployment)
  const current = owned.find((set) => sameTemplate(set, deployment))
  const { status, againMs } = deploymentStatus(deployment, owned, current)
  if (!isDeepStrictEqual(status, deployment.status))
    client.replaceStatus('deployments.apps', { ...deployment, status })
  return againMs
}

function hasOldPods(client: ClusterClient, owned: KubeObject[], current: KubeObject): boolean {
  const old = new Set(
    owned.filter((set) => set.metadata.uid !== current.metadata.uid).map((set) => set.metadata.uid),
  )
  return client
    .list('pods', { namespace: current.metadata.namespace })
    .some(
      (pod) =>
        old.has(controllerOf(pod)?.uid ?? '') &&
        !['Succeeded', 'Failed'].includes(pod.status?.phase),
    )
}

function removeHistory(
  client: ClusterClient,
  deployment: KubeObject,
  owned: KubeObject[],
  current: KubeObject,
) {
  const idle = owned
    .filter(
      (set) =>
        set.metadata.uid !== current.metadata.uid &&
        set.spec.replicas === 0 &&
        !set.status?.replicas,
    )
    .sort((a, b) => revisionOf(a) - revisionOf(b))
  for (const set of idle.slice(0, Math.max(0, idle.length - deployment.spec.revisionHistoryLimit)))
    client.remove(sets, set.metadata.namespace, set.metadata.name)
}

function noteRevision(client: ClusterClient, deployment: KubeObject, current: KubeObject) {
  const revision = current.metadata.annotations?.[revisionKey]
  if (!revision || deployment.metadata.annotations?.[revisionKey] === revision) return
  client.patch('deployments.apps', deployment.metadata.namespace, deployment.metadata.name, {
    metadata: { annotations: { [revisionKey]: revision } },
  })
}

function revisionOf(set: KubeObject): number {
  return Number(set.metadata.annotations?.[revisionKey] ?? 0)
}

function sizeAnnotations(deployment: KubeObject): Record<string, string> {
  const { replicas, strategy } = deployment.spec
  const surge =
    strategy?.type === 'Recreate' ? 0 : rolloutLimits(replicas, strategy?.rollingUpdate).maxSurge
  return {
    'deployment.kubernetes.io/desired-replicas': String(replicas),
    'deployment.kubernetes.io/max-replicas': String(replicas + surge),
  }
}

function sameTemplate(set: KubeObject, deployment: KubeObject): boolean {
  return isDeepStrictEqual(withoutHash(set.spec.template), withoutHash(deployment.spec.template))
}

function withoutHash(template: Fields): Fields {
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {}
  const { creationTimestamp: __, ...metadata } = template.metadata ?? {}
  return { ...template, metadata: { ...metadata, labels } }
}

/** Ten letters that are the same for the same template. */
function templateHash(template: Fields, collisions = 0): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(template))
    .update(String(collisions))
    .digest()
  return [...digest.subarray(0, 10)].map((byte) => letters[byte % letters.length]).join('')
}

import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import type { Fields } from '#server/lab/cluster/workloads/open-fields.ts'

export function conditionOf(object: KubeObject, type: string): Fields | undefined {
  return object.status?.conditions?.find((one: Fields) => one.type === type)
}

export function isPodReady(pod: KubeObject): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True'
}

/** Succeeded, failed, or on its way out: it does not count as a replica. */
export function isPodActive(pod: KubeObject): boolean {
  return !['Succeeded', 'Failed'].includes(pod.status?.phase) && !pod.metadata.deletionTimestamp
}

/** Ready for at least so long; otherwise how many milliseconds are missing, or undefined where it is not ready. */
export function untilAvailableMs(pod: KubeObject, minReadySeconds: number): number | undefined {
  if (!isPodReady(pod)) return undefined
  const since = Date.parse(conditionOf(pod, 'Ready')?.lastTransitionTime ?? '')
  return minReadySeconds === 0 ? 0 : Math.max(0, since + minReadySeconds * 1000 - Date.now())
}

/** What an owner controls, by its uid. */
export function controlledBy(
  client: ClusterClient,
  resource: string,
  owner: KubeObject,
): KubeObject[] {
  return client
    .list(resource, { namespace: owner.metadata.namespace })
    .filter((one) => controllerOf(one)?.uid === owner.metadata.uid)
}

export function controllerOf(object: KubeObject) {
  return object.metadata.ownerReferences?.find((one) => one.controller)
}

export function ownerReference(owner: KubeObject) {
  const { name, uid } = owner.metadata
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

export function splitKey(key: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = key.split('/')
  return { namespace, name }
}

/** RFC 3339 to the second, as in metadata. */
export function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`
}

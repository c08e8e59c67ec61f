import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'

/**
 * A client over a set of objects, keyed by resource (`roles.rbac.authorization.k8s.io`), that reads and adds: enough
 * for every question of access.
 */
export function objectsClient(objects: Record<string, KubeObject[]>): ClusterClient {
  const list: ClusterClient['list'] = (resource, { namespace, labels = {} } = {}) =>
    (objects[resource] ?? []).filter(
      ({ metadata }) =>
        (namespace === undefined || metadata.namespace === namespace) &&
        Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value),
    )
  const refuse = () => {
    throw new Error('these objects are not changed')
  }
  return {
    list,
    find: (resource, namespace, name) =>
      list(resource, namespace === undefined ? {} : { namespace }).find(
        (one) => one.metadata.name === name,
      ),
    create(resource, draft) {
      const metadata = {
        name: '',
        uid: '',
        resourceVersion: '',
        creationTimestamp: '',
        ...draft.metadata,
      }
      const object: KubeObject = { ...draft, metadata }
      objects[resource] = [...(objects[resource] ?? []), object]
      return object
    },
    replace: refuse,
    replaceStatus: refuse,
    patch: refuse,
    patchStatus: refuse,
    remove: refuse,
    watch: refuse,
  }
}

import type { ClusterClient, KubeObject } from '#server/devcluster/client.ts'

/**
 * A reading client over a fixed set of objects, keyed by resource (`roles.rbac.authorization.k8s.io`): enough for
 * every question of access, which only reads.
 */
export function objectsClient(objects: Record<string, KubeObject[]>): ClusterClient {
  const list: ClusterClient['list'] = (resource, { namespace, labels = {} } = {}) =>
    (objects[resource] ?? []).filter(
      ({ metadata }) =>
        (namespace === undefined || metadata.namespace === namespace) &&
        Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value),
    )
  const refuse = () => {
    throw new Error('these objects are only read')
  }
  return {
    list,
    find: (resource, namespace, name) =>
      list(resource, namespace === undefined ? {} : { namespace }).find(
        (one) => one.metadata.name === name,
      ),
    create: refuse,
    replace: refuse,
    replaceStatus: refuse,
    patch: refuse,
    patchStatus: refuse,
    remove: refuse,
    watch: refuse,
  }
}

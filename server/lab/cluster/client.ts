/** A Kubernetes object as it travels: metadata is known, the rest belongs to its kind. */
export type KubeObject = {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  // An API server treats spec and status as open JSON; each kind narrows it where it reads it.
  [field: string]: any
}

export type ObjectMeta = {
  name: string
  generateName?: string
  namespace?: string
  uid: string
  resourceVersion: string
  generation?: number
  creationTimestamp: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: OwnerReference[]
  managedFields?: unknown[]
}

export type OwnerReference = {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** What a controller creates: the server fills in the rest of the metadata. */
export type Draft = Omit<KubeObject, 'metadata'> & {
  metadata: Partial<ObjectMeta>
  apiVersion: string
  kind: string
}

export type WatchEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject }

/**
 * How the cluster's own controllers read and write: the same admission, defaulting, validation, finalizers and
 * conflicts as over HTTP, without the socket and without RBAC. `resource` is the plural, with its group where it
 * has one: `pods`, `deployments.apps`, `taskruns.tekton.dev`. Objects that are returned may not be changed in place:
 * use `structuredClone`. Failures are the Status errors of api/status.ts.
 */
export type ClusterClient = {
  find(resource: string, namespace: string | undefined, name: string): KubeObject | undefined
  list(
    resource: string,
    options?: { namespace?: string; labels?: Record<string, string> },
  ): KubeObject[]
  create(resource: string, object: Draft): KubeObject
  replace(resource: string, object: KubeObject): KubeObject
  replaceStatus(resource: string, object: KubeObject): KubeObject
  /** JSON merge patch, RFC 7396. */
  patch(resource: string, namespace: string | undefined, name: string, patch: object): KubeObject
  patchStatus(
    resource: string,
    namespace: string | undefined,
    name: string,
    patch: object,
  ): KubeObject
  remove(
    resource: string,
    namespace: string | undefined,
    name: string,
    options?: { gracePeriodSeconds?: number },
  ): void
  /** Calls back for every object that is there, then for every change, in order, until the signal aborts. */
  watch(resource: string, onEvent: (event: WatchEvent) => void, signal: AbortSignal): void
}

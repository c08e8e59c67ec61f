/** The parts of Kubernetes' own types that we read. Field names keep their spelling. */
export type ObjectMeta = {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  managedFields?: { manager?: string; operation?: string }[]
  ownerReferences?: {
    apiVersion: string
    kind: string
    name: string
    uid: string
    controller?: boolean
    blockOwnerDeletion?: boolean
  }[]
}

export type KubeObject = { apiVersion: string; kind: string; metadata: ObjectMeta }

export type ObjectRef = { namespace: string; name: string }

export type Condition = {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
  lastTransitionTime: string
  observedGeneration?: number
}

/** How a kind is addressed over REST; `T` is what an object of it looks like. */
export type Kind<T extends KubeObject> = {
  group: string
  version: string
  kind: string
  plural: string
  namespaced: boolean
  /** Never set: carries T for inference. */
  readonly object?: T
}

/** `modelbindings.bindery.dev` or `pods`: how RBAC and kubectl name a kind. */
export function resourceOf(kind: Pick<Kind<KubeObject>, 'group' | 'plural'>): string {
  return kind.group ? `${kind.plural}.${kind.group}` : kind.plural
}

export function apiVersionOf(kind: Pick<Kind<KubeObject>, 'group' | 'version'>): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version
}

export function conditionOf(
  conditions: Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

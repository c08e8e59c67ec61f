import type { ClusterClient, KubeObject } from '#server/lab/cluster/client.ts'
import type { Cause } from '#server/lab/cluster/crd/causes.ts'
import type { Schema } from '#server/lab/cluster/crd/schema/schema.ts'
import type { User } from './user.ts'

/** One served kind of object: everything that the API does differently for it than for the others. */
export type Resource = {
  /** Empty for the core group. */
  group: string
  /** The version that is stored; the preferred one of its group unless another resource says otherwise. */
  version: string
  plural: string
  singular: string
  kind: string
  /** Where it is not the kind followed by `List`. */
  listKind?: string
  namespaced: boolean
  shortNames?: string[]
  categories?: string[]
  verbs?: ResourceVerb[]
  subresources?: { status?: boolean; scale?: ScalePaths }
  /** Other served versions of the same stored objects. */
  otherVersions?: OtherVersion[]
  /** Fields that are known: for strictness, apply, strategic merge, `kubectl explain`. None: all fields are kept. */
  schema?: Schema
  /** True where the objects travel as plain JSON with kind and apiVersion on each item, as custom resources do. */
  custom?: boolean
  /** True where metadata.generation counts changes outside of metadata and status. */
  generations?: boolean
  /** Order of the steps on a write: dropUnknown, defaults, prepare…, admit, validate. All change `object` in place. */
  dropUnknown?(object: KubeObject): void
  /** Paths as the server words them in strictness errors and warnings (`spec.bogus`). */
  unknownFields?(object: KubeObject): string[]
  defaults?(object: KubeObject, context: WriteContext): void
  prepareForCreate?(object: KubeObject, context: WriteContext): void
  prepareForUpdate?(object: KubeObject, old: KubeObject, context: WriteContext): void
  /** Throws a StatusError to refuse (quotas, escalation, immutable by policy). */
  admit?(object: KubeObject, old: KubeObject | undefined, context: WriteContext): void
  validate?(object: KubeObject, old: KubeObject | undefined, context: WriteContext): Cause[]
  /** Checks the name of a new object; a DNS subdomain where absent. Returns the sentence, without the field. */
  validateName?(name: string): string | undefined
  /** Sentences for `Warning` headers. */
  warnings?(object: KubeObject, old: KubeObject | undefined): string[]
  columns: Column[]
  /** Field selectors beyond metadata.name and metadata.namespace. */
  selectableFields?: Record<string, (object: KubeObject) => string>
  /** Seconds that a deleted object stays, marked, until somebody deletes it with 0; undefined: goes at once. */
  graceSecondsOf?(object: KubeObject, asked: number | undefined): number | undefined
  /** Default of `propagationPolicy`; background where absent. */
  orphansByDefault?: boolean
}

export type ResourceVerb =
  | 'create'
  | 'delete'
  | 'deletecollection'
  | 'get'
  | 'list'
  | 'patch'
  | 'update'
  | 'watch'

export type OtherVersion = {
  version: string
  schema?: Schema
  columns?: Column[]
  /** Absent: only apiVersion changes. Both receive a copy and may change it. */
  toStored?(object: KubeObject): KubeObject
  fromStored?(object: KubeObject): KubeObject
}

/** Paths without the leading dot, `spec.replicas`. */
export type ScalePaths = {
  specReplicas: string
  statusReplicas: string
  /** Holds a selector as a string, or (built-in kinds) the `spec.selector` object. */
  selector?: string
}

export type WriteContext = {
  client: ClusterClient
  /** Undefined for the cluster's own controllers, who may everything. */
  user: User | undefined
  verb: 'create' | 'update' | 'patch' | 'delete'
  /** `status`, `scale`, …; undefined for the object itself. */
  subresource: string | undefined
  dryRun: boolean
  /** RFC 3339 with seconds, as in metadata. */
  now: string
}

/** A column of `kubectl get`. */
export type Column = {
  name: string
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  format?: string
  description?: string
  /** 0 always, 1 with `-o wide`. */
  priority?: number
  /** What the cell shows; `ageCell` and `nameCell` of table.ts serve most. */
  cell(object: KubeObject): string | number | boolean | null
}

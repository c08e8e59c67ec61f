import type { Condition, Kind, KubeObject } from './kubernetes.ts'
import type { Ring } from './model-service.ts'
import type { Quota } from './quota.ts'
import type { EndProof, Receipt } from './receipt.ts'

export const strategies = ['ExternalName', 'EndpointSlice'] as const
export type Strategy = (typeof strategies)[number]

export const purposes = ['Research', 'Teaching', 'Service', 'Evaluation'] as const
export type Purpose = (typeof purposes)[number]

/** What a tenant asks for. Whoever may write it may not decide on it. */
export type ModelBindingSpec = {
  modelService: { namespace: string; name: string }
  strategy: Strategy
  /** Name of the Service in the tenant's namespace. */
  alias: string
  justification: string
  purpose: Purpose
  durationDays: number
  quota: Quota
  /** True: the tenant gives the access back. Never returns to false. */
  released?: boolean
}

/** The plan of one generation, whole in the parameters of a pending TaskRun: what was reviewed is what runs. */
export type Seal = {
  generation: number
  run: string
  /** `sha256:…` of the plan's canonical JSON. */
  digest: string
  /** The dry run at `previewedAt`: what applying the plan would do to the live cluster. */
  changes: PlannedChange[]
  previewedAt: string
}

export type PlannedChange = {
  apiVersion: string
  kind: string
  namespace: string
  name: string
  change: 'create' | 'update' | 'delete' | 'unchanged' | 'conflict'
  /** Live and planned value per path, defaults left out; of a conflict, why in `message`. */
  fields: { path: string; live?: string; planned?: string }[]
  message?: string
}

export type Decision = {
  generation: number
  decision: 'approve' | 'deny'
  by: string
  at: string
  comment: string
  digest: string
}

/** What was approved: in force until it ends or another decision replaces it. */
export type Grant = {
  generation: number
  strategy: Strategy
  alias: string
  durationDays: number
  quota: Quota
  ring: Ring
  digest: string
  approvedBy: string[]
  approvedAt: string
  /** Aliases of earlier grants that the run has still to remove. */
  previous?: { strategy: Strategy; alias: string }[]
  /** From the run that made it true; absent until the probe succeeded. */
  usableSince?: string
  expiresAt?: string
}

export type EndReason = 'Revoked' | 'Released' | 'Expired' | 'Deleted'

/** Why and by whom access ends; `provenAt` once the unbind run has shown that it is gone. */
export type End = {
  reason: EndReason
  by: string
  at: string
  comment: string
  /** Of the spec that it ends: a later generation is a new request, once this end is proven. */
  generation: number
  /** How often the unbind run was started. */
  attempt?: number
  run?: string
  provenAt?: string
  /** What the unbind run saw of it. */
  proof?: EndProof
}

/** Where the cluster differs from what was approved, and what was done about it. */
export type Drift = {
  since: string
  /** What putting it back would change; empty once it is put back. */
  changes: PlannedChange[]
  /** How often it was put back since it last stayed so. */
  repairs: number
  /** The run that puts, or last put, it back. */
  run?: string
  repairedAt?: string
}

export type ModelBindingStatus = {
  observedGeneration?: number
  conditions?: Condition[]
  seal?: Seal
  decisions?: Decision[]
  granted?: Grant
  receipt?: Receipt
  drift?: Drift
  end?: End
  /** The run that is, or was last, making the decision true. */
  run?: string
  /** How often the current generation was run again after a failure. */
  attempt?: number
}

export type ModelBinding = KubeObject & { spec: ModelBindingSpec; status?: ModelBindingStatus }

export const ModelBinding: Kind<ModelBinding> = {
  group: 'bindery.dev',
  version: 'v1alpha1',
  kind: 'ModelBinding',
  plural: 'modelbindings',
  namespaced: true,
}

export type ConditionType =
  | 'Approved'
  | 'Denied'
  | 'Provisioned'
  | 'Ready'
  | 'Expired'
  | 'Revoked'
  /** The endpoints of the alias are not the gateway's. */
  | 'Stale'
  /** The cluster differs from what was approved. */
  | 'Drifted'

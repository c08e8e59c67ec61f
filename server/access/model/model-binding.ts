import type { Condition, Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import type { Ring } from '#server/serving/model/model-service.ts'
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
  /** Counted up to ask for a new term of what is granted: an extension is a change like any other. */
  renewal?: number
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
  /** When this generation was first sealed: another plan of it, or another look at it, makes it no younger. */
  since?: string
}

export type PlannedChange = {
  apiVersion: string
  kind: string
  namespace: string
  name: string
  /** `unknown`: the cluster does not let it be compared. */
  change: 'create' | 'update' | 'delete' | 'unchanged' | 'conflict' | 'unknown'
  /** Live and planned value per path, defaults left out; of what cannot be put back or compared, why in `message`. */
  fields: { path: string; live?: string; planned?: string }[]
  message?: string
}

/**
 * `approve` and `deny` are about the seal of a generation. `reduce`: the tenant took less than was granted, which needs
 * nobody; `move`: an administrator moved the grant to another ring. Both name the plan that stands from then on.
 */
export type Decision = {
  generation: number
  decision: 'approve' | 'deny' | 'reduce' | 'move'
  by: string
  at: string
  comment: string
  digest: string
  requestId?: string
}

/** What an approver offers in place of what was asked, never more of it: makes another plan, hence another seal. */
export type Terms = {
  generation: number
  durationDays?: number
  quota?: Quota
  ring?: Ring
  by: string
  at: string
  comment: string
  requestId?: string
}

/** An administrator wants the grant on another ring; sealed, recorded as a decision and carried out by the controller. */
export type RingMove = { ring: Ring; by: string; at: string; comment: string; requestId?: string }

/** Somebody had a failed run run again. */
export type Retry = { run: string; by: string; at: string; requestId?: string }

/** What was approved: in force until it ends or another decision replaces it. */
export type Grant = {
  generation: number
  strategy: Strategy
  alias: string
  durationDays: number
  quota: Quota
  ring: Ring
  /** Where callers stay until the run has proven the new ring. */
  ringUntilProven?: Ring
  /** What was said when it was asked for; with these, the whole spec can be compared with the grant. */
  justification?: string
  purpose?: Purpose
  renewal?: number
  digest: string
  approvedBy: string[]
  approvedAt: string
  /** Aliases of earlier grants that the run has still to remove. */
  previous?: { strategy: Strategy; alias: string }[]
  /** From the run that made it true; absent until the probe succeeded. */
  usableSince?: string
  /** When the present term began: with the success of the run that made it true. */
  termSince?: string
  /** The run that is making it true begins a new term, where another would leave the term as it is. */
  newTerm?: boolean
  expiresAt?: string
  /** For how long access goes on after `expiresAt`; `cutAt` is the end of that. */
  graceHours?: number
  cutAt?: string
}

/** A grant that another replaced, or that ended: kept, newest last. */
export type PastGrant = Pick<
  Grant,
  | 'generation'
  | 'strategy'
  | 'alias'
  | 'durationDays'
  | 'quota'
  | 'ring'
  | 'digest'
  | 'approvedBy'
  | 'approvedAt'
  | 'usableSince'
  | 'expiresAt'
> & {
  until: string
  why: 'Replaced' | EndReason
  by?: string
  comment?: string
  provenAt?: string
}

export type EndReason = 'Revoked' | 'Released' | 'Expired' | 'Deleted' | 'ServiceDeleted'

/** Why and by whom access ends; `provenAt` once the unbind run has shown that it is gone. */
export type End = {
  reason: EndReason
  by: string
  at: string
  comment: string
  /** Of the spec that it ends: a later generation is a new request, once this end is proven. */
  generation: number
  requestId?: string
  /** How often the unbind run was started. */
  attempt?: number
  /** Why the last of them failed; `nextAt` while the time of the next has not come. */
  failure?: { at: string; message: string; nextAt?: string }
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
  /** The same by object: the backoff of one does not delay another. */
  objects?: RepairedObject[]
  /** The run that puts, or last put, it back. */
  run?: string
  repairedAt?: string
}

export type RepairedObject = Pick<PlannedChange, 'kind' | 'namespace' | 'name'> & {
  repairs: number
  repairedAt: string
}

export type ModelBindingStatus = {
  observedGeneration?: number
  conditions?: Condition[]
  seal?: Seal
  decisions?: Decision[]
  terms?: Terms
  granted?: Grant
  move?: RingMove
  history?: PastGrant[]
  receipt?: Receipt
  drift?: Drift
  end?: End
  /** The run that is, or was last, making the decision true. */
  run?: string
  /** How often the current generation was run again after a failure, and who wanted it last. */
  attempt?: number
  retry?: Retry
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
  | 'RunStarted'

import type { Quota } from '#server/access/model/quota.ts'
import type { Condition, Kind, KubeObject } from '#server/platform/model/kubernetes.ts'
import type { EngineSeen } from './engine-facts.ts'

export type Ring = 'stable' | 'canary'

export type Sampling = {
  temperature: number
  topP: number
  /** -1: off. */
  topK: number
  maxTokens: number
}

export type Preset = {
  name: string
  title: string
  description: string
  /** Empty: no system message is sent. */
  systemPrompt: string
  sampling: Sampling
}

export type Benchmark = {
  name: string
  /** Percent. */
  score: number
  reference: { model: string; score: number }
  method: string
  source: string
}

export type ModelServiceSpec = {
  displayName: string
  description: string
  /** The id under which the engine serves it, e.g. `vibethinker-1.5b`. */
  model: string
  strengths: string[]
  weaknesses: string[]
  /** What tenants are aliased to: the gateway's Service in this namespace, and the pods behind it. */
  service: { name: string; port: number; podSelector: Record<string, string>; podPort: number }
  engines: { stable: EngineRef; canary?: EngineRef }
  presets: Preset[]
  limits: {
    maxDurationDays: number
    /** The most that one binding may be granted. */
    maxQuota: Quota
    contextTokens: number
    /** What the engines carry for everybody together. Grants may add up to more: approvers are told, nothing is refused. */
    capacity?: Partial<Quota>
    /** Undecided requests of one namespace; later ones are kept waiting without a plan. Absent: 10. */
    openRequests?: number
    /** For how long access goes on after its term; absent: it is cut to the second. */
    graceHours?: number
  }
  benchmarks: Benchmark[]
  approval: {
    required: number
    allowSelfApproval: boolean
    auto?: { maxDurationDays: number; maxQuota: Quota }
  }
  /** Whether the gateway may recognise a tenant by the calling pod's IP where no token is sent. */
  identity: { podIP: boolean }
  /** What happens where something of a binding was edited or deleted by hand. */
  drift?: 'Repair' | 'Report'
}

export type EngineRef = { service: string; port: number }

export type EngineStatus = {
  ring: Ring
  readyReplicas: number
  image?: string
  digest?: string
  /** As the gateway saw it last; absent until it has looked. */
  seen?: EngineSeen
}

export type ModelServiceStatus = {
  observedGeneration?: number
  conditions?: Condition[]
  engines?: EngineStatus[]
}

export type ModelService = KubeObject & { spec: ModelServiceSpec; status?: ModelServiceStatus }

/** Whether the engines are what the service says that they are: the model's name, the context, and that they answer. */
export const engineCondition = 'EngineMatches'

/** Whether the cluster's network keeps NetworkPolicies, as the controller has tried. */
export const networkCondition = 'NetworkEnforced'

export const ModelService: Kind<ModelService> = {
  group: 'bindery.dev',
  version: 'v1alpha1',
  kind: 'ModelService',
  plural: 'modelservices',
  namespaced: true,
}

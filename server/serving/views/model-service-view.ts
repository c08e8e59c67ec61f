import type { Condition } from '#server/platform/model/kubernetes.ts'
import type {
  Benchmark,
  EngineStatus,
  ModelServiceSpec,
  Preset,
} from '#server/serving/model/model-service.ts'

export type ModelServiceView = {
  /** `namespace/name`, stable over updates. */
  id: string
  namespace: string
  name: string
  displayName: string
  description: string
  model: string
  strengths: string[]
  weaknesses: string[]
  benchmarks: Benchmark[]
  presets: Preset[]
  limits: ModelServiceSpec['limits']
  approval: ModelServiceSpec['approval']
  /** Host and port that the alias leads to. */
  address: string
  engines: EngineStatus[]
  ready: boolean
  conditions: Condition[]
}

import { conditionOf } from '#server/domain/kubernetes.ts'
import type { ModelServiceView } from '#server/domain/views.ts'
import { idOf } from './binding-names.ts'
import type { ModelService } from './model-service.ts'

export function serviceView(service: ModelService): ModelServiceView {
  const { spec, status, metadata } = service
  const namespace = metadata.namespace ?? ''
  return {
    id: idOf(service),
    namespace,
    name: metadata.name,
    displayName: spec.displayName,
    description: spec.description,
    model: spec.model,
    strengths: spec.strengths,
    weaknesses: spec.weaknesses,
    benchmarks: spec.benchmarks,
    presets: spec.presets,
    limits: spec.limits,
    approval: spec.approval,
    address: `${spec.service.name}.${namespace}.svc:${spec.service.port}`,
    engines: status?.engines ?? [],
    ready: conditionOf(status?.conditions, 'Ready')?.status === 'True',
    conditions: status?.conditions ?? [],
  }
}

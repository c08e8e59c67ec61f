import { idOf } from '#server/access/model/binding-names.ts'
import { conditionOf } from '#server/platform/model/kubernetes.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import type { ModelServiceView } from './model-service-view.ts'

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

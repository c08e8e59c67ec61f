import type { ModelBinding, ModelBindingStatus } from '#server/access/model/model-binding.ts'
import type { ModelService } from '#server/serving/model/model-service.ts'
import { play, startSimulation } from './binding-acts.ts'
import type { Simulation } from './binding-simulation.ts'
import { sampleService } from './sample-objects.ts'
import { settle } from './settle-simulation.ts'

/** A request of Ada's that waits, and one that Grace has approved and that is ready. */
export function askedSimulation(service: Partial<ModelService['spec']> = {}): Simulation {
  const simulation = startSimulation()
  simulation.service = sampleService(service)
  settle(simulation)
  return simulation
}

export function readySimulation(service: Partial<ModelService['spec']> = {}): Simulation {
  const simulation = askedSimulation(service)
  play(simulation, { act: 'approve' })
  settle(simulation)
  return simulation
}

export function bindingIn({ binding }: Simulation): ModelBinding {
  if (!binding) throw new Error('The binding is gone.')
  return binding
}

export function withStatus(binding: ModelBinding, status: ModelBindingStatus): ModelBinding {
  return { ...binding, status: { ...binding.status, ...status } }
}

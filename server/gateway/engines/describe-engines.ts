import type { EngineSeen } from '#server/serving/model/engine-facts.ts'
import type { EngineRef, ModelService, Ring } from '#server/serving/model/model-service.ts'
import type { EngineKeys } from './engine-keys.ts'
import type { EngineLooks } from './engine-looks.ts'

/** By `namespace/name` of a model service and by ring. */
export type SeenEngines = Record<string, Partial<Record<Ring, EngineSeen>>>

/** What stands behind each ring of each service, as the engines say themselves; neither addresses nor keys. */
export async function describeEngines(
  services: readonly ModelService[],
  { engines, engineKey }: { engines: EngineLooks; engineKey: EngineKeys },
  addressOf: (service: ModelService, engine: EngineRef) => URL,
  inferenceUrl: string | undefined,
): Promise<SeenEngines> {
  const entries = services.map(async (service) => {
    const rings = Object.entries(service.spec.engines).map(async ([ring, engine]) => {
      const look = await engines.look(addressOf(service, engine), engineKey(engine.service))
      return [ring, { ...look, replaced: inferenceUrl !== undefined }] as const
    })
    const { namespace = '', name } = service.metadata
    return [`${namespace}/${name}`, Object.fromEntries(await Promise.all(rings))] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

import type { Context } from '#server/usecases/context.ts'
import { ownGeneration } from './generation-access.ts'
import type { GenerationHub } from './generation-hub.ts'

/** Stops the engine; what was said stays. Stopping what has ended changes nothing. */
export async function stopGeneration(
  ctx: Context,
  { id }: { id: string },
  hub: GenerationHub,
): Promise<void> {
  await ownGeneration(ctx, id)
  await hub.stop(id)
}

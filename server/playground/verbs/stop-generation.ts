import type { Context } from '#server/context.ts'
import type { GenerationRegistry } from '#server/playground/generations/generation-registry.ts'
import { ownGeneration } from './generation-access.ts'

/** Stops the engine; what was said stays. Stopping what has ended changes nothing. */
export async function stopGeneration(
  ctx: Context,
  { id }: { id: string },
  hub: GenerationRegistry,
): Promise<void> {
  await ownGeneration(ctx, id)
  await hub.stop(id)
}

import type { Context } from '#server/context.ts'
import type { GenerationRegistry } from '#server/playground/generations/generation-registry.ts'
import { isGrowing, ownConversation } from './generation-access.ts'

/** For good: what runs is stopped, and nothing of what was said stays. */
export async function deleteConversation(
  ctx: Context,
  { id }: { id: string },
  hub: GenerationRegistry,
): Promise<void> {
  await ownConversation(ctx, id)
  for (const { id: generation, state } of await ctx.store.generationsOf(id)) {
    if (isGrowing(state)) await hub.stop(generation)
  }
  await ctx.store.deleteConversation(id)
}

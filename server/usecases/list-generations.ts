import type { GenerationView } from '#server/domain/views.ts'
import { userOf } from './binding-access.ts'
import type { Context } from './context.ts'
import { generationView } from './generation-access.ts'

/** The person's own, the newest first. */
export async function listGenerations(
  ctx: Context,
  { limit }: { limit: number },
): Promise<GenerationView[]> {
  return (await ctx.store.listGenerations(userOf(ctx), limit)).map(generationView)
}

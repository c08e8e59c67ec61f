import type { Context } from '#server/context.ts'
import type { GenerationView } from '#server/playground/views/conversation-views.ts'
import { generationView, ownGeneration } from './generation-access.ts'

export async function getGeneration(ctx: Context, { id }: { id: string }): Promise<GenerationView> {
  return generationView(await ownGeneration(ctx, id))
}

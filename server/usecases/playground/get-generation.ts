import type { GenerationView } from '#server/domain/playground/conversation-views.ts'
import type { Context } from '#server/usecases/context.ts'
import { generationView, ownGeneration } from './generation-access.ts'

export async function getGeneration(ctx: Context, { id }: { id: string }): Promise<GenerationView> {
  return generationView(await ownGeneration(ctx, id))
}

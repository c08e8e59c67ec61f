import { AppError } from '#server/domain/errors.ts'
import type { GenerationView } from '#server/domain/views.ts'
import type { StoredGeneration } from '#server/store/store.ts'
import { userOf } from './binding-access.ts'
import type { Context } from './context.ts'

/** The person's own generation; another's is answered like one that is not there. */
export async function ownGeneration(
  ctx: Pick<Context, 'actor' | 'store'>,
  id: string,
): Promise<StoredGeneration> {
  const found = await ctx.store.findGeneration(id)
  if (found?.owner === userOf(ctx)) return found
  throw new AppError('not-found', 'There is no such generation.')
}

export function generationView(stored: StoredGeneration): GenerationView {
  const { id, owner, state, request, createdAt } = stored
  return { id, owner, state, request, createdAt: createdAt.toISOString() }
}

import { userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { PresetHistoryView } from '#server/playground/views/preset-views.ts'

/** The person's own preset with its versions, the newest first; another's is answered like one that is not there. */
export async function getPreset(
  ctx: Pick<Context, 'actor' | 'store'>,
  { id }: { id: string },
): Promise<PresetHistoryView> {
  const found = await ctx.store.findPreset(id, userOf(ctx))
  if (!found) throw new AppError('not-found', 'There is no such preset.')
  return found
}

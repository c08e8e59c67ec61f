import type { PresetView } from '#server/domain/playground/preset-views.ts'
import { userOf } from '#server/usecases/access/binding-access.ts'
import type { Context } from '#server/usecases/context.ts'

/** The person's own, by title. */
export async function listPresets(ctx: Context): Promise<PresetView[]> {
  return ctx.store.listPresets(userOf(ctx))
}

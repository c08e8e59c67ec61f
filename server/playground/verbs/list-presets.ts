import { userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import type { PresetView } from '#server/playground/views/preset-views.ts'

/** The person's own, by title. */
export async function listPresets(ctx: Context): Promise<PresetView[]> {
  return ctx.store.listPresets(userOf(ctx))
}

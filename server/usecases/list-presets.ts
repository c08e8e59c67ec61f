import type { PresetView } from '#server/domain/preset-views.ts'
import { userOf } from './binding-access.ts'
import type { Context } from './context.ts'

/** The person's own, by title. */
export async function listPresets(ctx: Context): Promise<PresetView[]> {
  return ctx.store.listPresets(userOf(ctx))
}

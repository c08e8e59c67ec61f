import { userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { getPreset } from './get-preset.ts'

/** Deletes a preset with all its versions. Answers that were asked with it stay as they are. */
export async function deletePreset(ctx: Context, { id }: { id: string }): Promise<void> {
  await getPreset(ctx, { id })
  await ctx.store.deletePreset(id, userOf(ctx))
}

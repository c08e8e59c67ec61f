import { userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { PresetContent, PresetView } from '#server/playground/views/preset-views.ts'
import { getPreset } from './get-preset.ts'

/** Writes the next version of a preset, unless there is one that the person has not seen. */
export async function changePreset(
  ctx: Context,
  { id, version, ...content }: { id: string; version: number } & PresetContent,
): Promise<PresetView> {
  await getPreset(ctx, { id })
  const changed = await ctx.store.addPresetVersion(id, userOf(ctx), { after: version, content })
  if (changed) return changed
  const message = 'This preset was changed elsewhere since you opened it.'
  throw new AppError('conflict', message, { key: 'preset.changed' })
}

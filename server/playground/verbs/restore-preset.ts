import { userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { PresetView } from '#server/playground/views/preset-views.ts'
import { getPreset } from './get-preset.ts'

/** Makes an earlier version the newest: nothing of what came between is lost. */
export async function restorePreset(
  ctx: Context,
  { id, version }: { id: string; version: number },
): Promise<PresetView> {
  const preset = await getPreset(ctx, { id })
  const earlier = preset.versions.find((one) => one.version === version)
  if (!earlier) throw new AppError('not-found', 'There is no such version.')
  const { title, description, systemPrompt, sampling } = earlier
  const restored = await ctx.store.addPresetVersion(id, userOf(ctx), {
    after: preset.version,
    content: { title, description, systemPrompt, sampling },
    restored: version,
  })
  if (restored) return restored
  const message = 'This preset was changed elsewhere since you opened it.'
  throw new AppError('conflict', message, { key: 'preset.changed' })
}

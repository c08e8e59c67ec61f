import { randomUUID } from 'node:crypto'
import { userOf } from '#server/access/verbs/binding-access.ts'
import type { Context } from '#server/context.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { PresetContent, PresetView } from '#server/playground/views/preset-views.ts'

/** More than anybody keeps apart; the list is read whole. */
const presetsMax = 100

export async function createPreset(ctx: Context, content: PresetContent): Promise<PresetView> {
  const owner = userOf(ctx)
  if ((await ctx.store.listPresets(owner)).length >= presetsMax) {
    const message = `You have ${presetsMax} presets: delete one first.`
    throw new AppError('unprocessable', message, { key: 'preset.tooMany' })
  }
  return ctx.store.createPreset(randomUUID(), owner, content)
}

import { type PresetChoice, presetLabel } from '#components/playground/presets/preset-choice.ts'
import { variantsMax } from '#server/playground/model/ask-limits.ts'
import type { Variant } from '#server/playground/views/conversation-views.ts'
import { type AskDraft, draftOf, variantOf } from './ask-draft.ts'

/** How often the question is asked, and whether half of the answers come from another preset. */
export type SideBySide = { answers: number; other?: string }

/** As many ways of asking as answers are wanted: the draft's, and in turn with it the other preset's. */
export function variantsOf(
  draft: AskDraft,
  binding: { namespace: string; name: string },
  presets: PresetChoice[],
  { answers, other }: SideBySide,
  preset: PresetChoice | undefined,
): Variant[] {
  const own = variantOf(draft, binding, presetLabel(preset))
  const second = presets.find(({ id }) => id === other)
  const alternate = second && variantOf(draftOf(second), binding, presetLabel(second))
  const count = Math.min(variantsMax, Math.max(answers, alternate ? 2 : 1))
  return Array.from({ length: count }, (_, index) =>
    alternate && index % 2 === 1 ? alternate : own,
  )
}

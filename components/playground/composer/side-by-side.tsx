'use client'
import { useTranslations } from 'next-intl'
import type { PresetChoice } from '#components/playground/presets/preset-choice.ts'
import { Field, Select } from '#components/ui/field.tsx'
import { variantsMax } from '#server/playground/model/ask-limits.ts'
import type { SideBySide } from './variants-of.ts'

/** How often the same question is asked at once, and whether another preset answers it too. */
export function SideBySideFields({
  value,
  presets,
  preset,
  onChange,
}: {
  value: SideBySide
  presets: PresetChoice[]
  /** The one that is chosen above. */
  preset?: string
  onChange: (value: SideBySide) => void
}) {
  const t = useTranslations('conversations.sideBySide')
  const others = presets.filter(({ id }) => id !== preset)
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={t('answers')} hint={t('answersHint')}>
        {(attributes) => (
          <Select
            {...attributes}
            value={value.answers}
            onChange={(event) => onChange({ ...value, answers: Number(event.target.value) })}
          >
            {Array.from({ length: variantsMax }, (_, index) => (
              <option key={index + 1} value={index + 1}>
                {index + 1}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={t('other')} hint={t('otherHint')}>
        {(attributes) => (
          <Select
            {...attributes}
            value={value.other ?? ''}
            onChange={(event) => onChange({ ...value, other: event.target.value || undefined })}
          >
            <option value="">{t('none')}</option>
            {others.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  )
}

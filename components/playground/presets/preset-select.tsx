'use client'
import { useTranslations } from 'next-intl'
import { Field, Select } from '#components/ui/field.tsx'
import type { PresetChoice } from './preset-choice.ts'

/** The model service's presets, and below them the person's own. */
export function PresetSelect({
  presets,
  preset,
  onPreset,
}: {
  presets: PresetChoice[]
  preset?: PresetChoice
  onPreset: (id: string) => void
}) {
  const t = useTranslations('presets')
  const groups = [
    { label: t('ofService'), choices: presets.filter(({ own }) => !own) },
    { label: t('own'), choices: presets.filter(({ own }) => own) },
  ]
  return (
    <Field label={t('label')} hint={preset?.description}>
      {(attributes) => (
        <Select
          {...attributes}
          value={preset?.id ?? ''}
          onChange={(event) => onPreset(event.target.value)}
        >
          {groups
            .filter(({ choices }) => choices.length > 0)
            .map(({ label, choices }) => (
              <optgroup key={label} label={label}>
                {choices.map(({ id, title }) => (
                  <option key={id} value={id}>
                    {title}
                  </option>
                ))}
              </optgroup>
            ))}
        </Select>
      )}
    </Field>
  )
}

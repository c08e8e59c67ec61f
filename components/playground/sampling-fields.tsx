'use client'
import { useTranslations } from 'next-intl'
import { Field, TextInput } from '#components/ui/field.tsx'
import { type AskDraft, type AskProblem, samplingFields } from './ask-draft.ts'

/** Every sampling value with what it does. All are sent: an engine's own defaults are nobody's choice. */
export function SamplingFields({
  draft,
  problems,
  contextTokens,
  onChange,
}: {
  draft: AskDraft
  problems: AskProblem[]
  contextTokens: number
  onChange: (draft: AskDraft) => void
}) {
  const t = useTranslations('playground.sampling')
  return (
    <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      {samplingFields.map((field) => (
        <Field
          key={field}
          label={t(`${field}.label`)}
          hint={t(`${field}.hint`, { max: contextTokens })}
          error={problems.includes(field) ? t(`${field}.error`, { max: contextTokens }) : undefined}
        >
          {(attributes) => (
            <TextInput
              {...attributes}
              inputMode="decimal"
              autoComplete="off"
              className="tabular-nums"
              value={draft[field]}
              onChange={(event) => onChange({ ...draft, [field]: event.target.value })}
            />
          )}
        </Field>
      ))}
    </div>
  )
}

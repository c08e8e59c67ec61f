'use client'
import { useTranslations } from 'next-intl'
import { Field, TextArea, TextInput } from '#components/ui/field.tsx'
import { stopsMax } from '#server/platform/inference/model/sampling-limits.ts'
import { type AskDraft, type AskProblem, samplingFields, samplingWarnings } from './ask-draft.ts'

/** Every sampling value with what it does, and where it does harm. All are sent: an engine's own defaults are nobody's choice. */
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
  const warnings = samplingWarnings(draft).filter((field) => !problems.includes(field))
  return (
    <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      {samplingFields.map((field) => (
        <Field
          key={field}
          label={t(`${field}.label`)}
          hint={
            <Hint
              text={t(`${field}.hint`, { max: contextTokens })}
              warning={warnings.includes(field) ? t(`${field}.warning`) : undefined}
            />
          }
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
      <Field
        label={t('stop.label')}
        hint={
          <Hint
            text={t('stop.hint', { max: stopsMax })}
            warning={warnings.includes('stop') ? t('stop.warning') : undefined}
          />
        }
        error={problems.includes('stop') ? t('stop.error', { max: stopsMax }) : undefined}
      >
        {(attributes) => (
          <TextArea
            {...attributes}
            rows={2}
            className="min-h-16 font-mono"
            value={draft.stop}
            onChange={(event) => onChange({ ...draft, stop: event.target.value })}
          />
        )}
      </Field>
      <div className="grid content-start gap-1.5">
        <label className="flex items-center gap-2 font-medium">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={draft.repetitionDetection}
            onChange={(event) => onChange({ ...draft, repetitionDetection: event.target.checked })}
          />
          {t('repetitionDetection.label')}
        </label>
        <p className="text-[0.87rem] text-muted">{t('repetitionDetection.hint')}</p>
      </div>
    </div>
  )
}

function Hint({ text, warning }: { text: string; warning?: string }) {
  return (
    <>
      {text}
      {warning ? <span className="block text-warn">{warning}</span> : null}
    </>
  )
}

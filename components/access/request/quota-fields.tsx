'use client'
import { useFormatter, useTranslations } from 'next-intl'
import { Field, TextInput } from '#components/ui/field.tsx'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'
import type { RequestDraft } from './request-draft.ts'

type Limits = ModelServiceView['limits']

/** Duration and quota, each with what it means and how much there is to ask for. */
export function QuotaFields({
  draft,
  limits,
  errorOf,
  onChange,
}: {
  draft: RequestDraft
  limits: Limits
  errorOf: (field: string) => string | undefined
  onChange: (draft: RequestDraft) => void
}) {
  const t = useTranslations('access.request')
  const format = useFormatter()
  const fields = [
    { key: 'durationDays', field: 'durationDays', max: limits.maxDurationDays },
    {
      key: 'requestsPerMinute',
      field: 'quota.requestsPerMinute',
      max: limits.maxQuota.requestsPerMinute,
    },
    { key: 'tokensPerDay', field: 'quota.tokensPerDay', max: limits.maxQuota.tokensPerDay },
    { key: 'concurrency', field: 'quota.concurrency', max: limits.maxQuota.concurrency },
  ] as const
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      {fields.map(({ key, field, max }) => (
        <Field
          key={key}
          label={t(`${key}.label`)}
          hint={t(`${key}.hint`, { max: format.number(max) })}
          error={errorOf(field)}
        >
          {(attributes) => (
            <TextInput
              {...attributes}
              inputMode="numeric"
              autoComplete="off"
              className="tabular-nums"
              value={draft[key]}
              onChange={(event) => onChange({ ...draft, [key]: event.target.value })}
            />
          )}
        </Field>
      ))}
    </div>
  )
}

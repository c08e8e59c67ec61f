'use client'
import { type UseMutationResult, useQuery } from '@tanstack/react-query'
import { useFormatter, useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { servicesQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Field, Select, TextInput } from '#components/ui/field.tsx'
import type { TermsBody } from '#server/access/model/request-schema.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { bodyOfTerms, draftOfTerms, type TermsDraft, termsFields } from './terms-draft.ts'

/** What an approver fills in to offer other terms: as asked, until something less is typed. */
export function OfferTermsForm({
  binding,
  comment,
  offer,
  onCancel,
}: {
  binding: BindingView
  comment: string
  offer: Pick<UseMutationResult<unknown, Error, TermsBody>, 'mutate' | 'isPending' | 'error'>
  onCancel: () => void
}) {
  const t = useTranslations('approvals.terms')
  const format = useFormatter()
  const { data: services } = useQuery(servicesQuery())
  const { asked } = binding
  const service = services?.find(
    ({ id }) => id === `${asked.modelService.namespace}/${asked.modelService.name}`,
  )
  const [draft, setDraft] = useState<TermsDraft>(() => draftOfTerms(binding))
  const body = bodyOfTerms(draft, binding, comment)

  function submit(event: FormEvent) {
    event.preventDefault()
    if (body.state === 'offer') offer.mutate(body.body)
  }

  return (
    <form onSubmit={submit} noValidate className="grid gap-4 rounded-lg border border-line p-4">
      <p className="text-muted">{t('lead')}</p>
      <div className="grid gap-4 sm:grid-cols-2">
        {termsFields.map((field) => {
          const most = field === 'durationDays' ? asked.durationDays : asked.quota[field]
          return (
            <Field
              key={field}
              label={t(`fields.${field}`)}
              hint={t('asked', { value: format.number(most) })}
              error={
                body.state === 'invalid' && body.field === field
                  ? t('range', { max: format.number(most), min: format.number(body.min) })
                  : undefined
              }
            >
              {(attributes) => (
                <TextInput
                  {...attributes}
                  inputMode="numeric"
                  autoComplete="off"
                  className="tabular-nums"
                  value={draft[field]}
                  onChange={(event) => setDraft({ ...draft, [field]: event.target.value })}
                />
              )}
            </Field>
          )
        })}
        {service?.engines.some(({ ring }) => ring === 'canary') ? (
          <Field label={t('ring')} hint={t('ringHint')}>
            {(attributes) => (
              <Select
                {...attributes}
                value={draft.ring}
                onChange={(event) =>
                  setDraft({
                    ...draft,
                    ring: event.target.value === 'canary' ? 'canary' : 'stable',
                  })
                }
              >
                <option>stable</option>
                <option>canary</option>
              </Select>
            )}
          </Field>
        ) : null}
      </div>
      {offer.error ? <ErrorNote error={offer.error} /> : null}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" busy={offer.isPending} disabled={body.state !== 'offer'}>
          {t('seal')}
        </Button>
        <Button look="quiet" onClick={onCancel}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}

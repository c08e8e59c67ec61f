'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useFormatter, useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { offerTerms } from '#components/access/mutations.ts'
import { servicesQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Field, Select, TextInput } from '#components/ui/field.tsx'
import type { BindingView } from '#server/domain/views.ts'
import { bodyOfTerms, draftOfTerms, type TermsDraft, termsFields } from './terms-draft.ts'

/**
 * Offers less than was asked, or another ring. That makes another plan, which is sealed anew and approved like any:
 * `onSealing` is told before it is asked for, so that nothing is approved before the new one is on the screen.
 */
export function OfferTerms({
  binding,
  comment,
  onSealing,
}: {
  binding: BindingView
  comment: string
  onSealing: (sealing: boolean) => void
}) {
  const t = useTranslations('approvals.terms')
  const format = useFormatter()
  const { data: services } = useQuery(servicesQuery())
  const { asked, terms } = binding
  const service = services?.find(
    ({ id }) => id === `${asked.modelService.namespace}/${asked.modelService.name}`,
  )
  const [open, setOpen] = useState(false)
  const [draft, setDraft] = useState<TermsDraft>(() => draftOfTerms(binding))
  const offer = useMutation({
    ...offerTerms(binding.namespace, binding.name),
    onMutate: () => onSealing(true),
    onSuccess: () => setOpen(false),
    onError: () => onSealing(false),
  })
  const body = bodyOfTerms(draft, binding, comment)

  function submit(event: FormEvent) {
    event.preventDefault()
    if (body.state === 'offer') offer.mutate(body.body)
  }

  if (!open) {
    return (
      <div className="flex flex-wrap gap-2">
        <Button
          size="small"
          onClick={() => {
            setDraft(draftOfTerms(binding))
            setOpen(true)
          }}
        >
          {t('open')}
        </Button>
        {terms ? (
          <Button
            size="small"
            look="quiet"
            busy={offer.isPending}
            onClick={() => offer.mutate({ generation: binding.generation, comment: '' })}
          >
            {t('takeBack')}
          </Button>
        ) : null}
        {offer.error ? <ErrorNote error={offer.error} /> : null}
      </div>
    )
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
        <Button look="quiet" onClick={() => setOpen(false)}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}

'use client'
import { useMutation } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { offerTerms } from '#components/access/mutations.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import type { BindingView } from '#server/access/views/binding.ts'

const OfferTermsForm = dynamic(() => import('./offer-terms-form.tsx').then((m) => m.OfferTermsForm))

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
  const [open, setOpen] = useState(false)
  const offer = useMutation({
    ...offerTerms(binding.namespace, binding.name),
    onMutate: () => onSealing(true),
    onSuccess: () => setOpen(false),
    onError: () => onSealing(false),
  })

  if (!open) {
    return (
      <div className="flex flex-wrap gap-2">
        <Button size="small" onClick={() => setOpen(true)}>
          {t('open')}
        </Button>
        {binding.terms ? (
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
  return <OfferTermsForm {...{ binding, comment, offer }} onCancel={() => setOpen(false)} />
}

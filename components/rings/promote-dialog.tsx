'use client'
import { useMutation } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { WordsField } from '#components/ui/words-field.tsx'
import type { ServiceRingsView } from '#server/serving/views/ring-views.ts'
import { promoteCanary } from './mutations.ts'

/** The canary's image becomes the stable ring's, through the same gate as any other; then one follows the run. */
export function PromoteDialog({ service }: { service: ServiceRingsView }) {
  const t = useTranslations('rings.promote')
  const router = useRouter()
  const [why, setWhy] = useState('')
  const promote = useMutation({
    ...promoteCanary(service),
    onSuccess: (run) => router.push(`/runs/${run.namespace}/${run.name}`),
  })
  const [stable, canary] = service.rings
  const tenants = stable?.tenants.length ?? 0
  return (
    <ConfirmDialog
      trigger={<Button look="primary">{t('action')}</Button>}
      title={t('title')}
      action={t('action')}
      look="primary"
      busy={promote.isPending || why.trim() === ''}
      onConfirm={() => promote.mutate(why)}
    >
      <p>{t('text', { engine: stable?.engine ?? '', count: tenants })}</p>
      <dl className="grid gap-1 rounded-lg border border-line px-3 py-2 font-mono text-[0.85rem] break-all">
        <dt className="text-muted">{t('from')}</dt>
        <dd>{stable?.digest ?? '—'}</dd>
        <dt className="text-muted">{t('to')}</dt>
        <dd>{canary?.digest ?? '—'}</dd>
      </dl>
      <WordsField required max={500} label={t('why')} value={why} onChange={setWhy} />
      {promote.error ? <ErrorNote error={promote.error} /> : null}
    </ConfirmDialog>
  )
}

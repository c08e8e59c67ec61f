'use client'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { withdrawChange } from '#components/access/mutations.ts'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import type { BindingView } from '#server/access/views/binding.ts'

/** Takes a change back before anybody decides on it; what is granted was never touched. */
export function WithdrawButton({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.withdraw')
  const [open, setOpen] = useState(false)
  const withdraw = useMutation({
    ...withdrawChange(binding.namespace, binding.name),
    onSuccess: () => setOpen(false),
  })
  return (
    <ConfirmDialog
      trigger={<Button size="small">{t('action')}</Button>}
      title={t('title')}
      action={t('action')}
      look="primary"
      busy={withdraw.isPending}
      open={open}
      onOpenChange={setOpen}
      onConfirm={() => withdraw.mutate()}
    >
      <p>{t('text', { namespace: binding.namespace })}</p>
      {withdraw.error ? <ErrorNote error={withdraw.error} /> : null}
    </ConfirmDialog>
  )
}

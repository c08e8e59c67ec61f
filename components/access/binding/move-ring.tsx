'use client'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { moveRing } from '#components/access/mutations.ts'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { WordsField } from '#components/ui/words-field.tsx'
import type { BindingView } from '#server/access/views/binding.ts'

/** Moves access to the other ring: by a run, and callers stay where they are until it has proven the new one. */
export function MoveRingButton({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.move')
  const [open, setOpen] = useState(false)
  const [comment, setComment] = useState('')
  const ring = binding.granted?.ring === 'canary' ? 'stable' : 'canary'
  const move = useMutation({
    ...moveRing(binding.namespace, binding.name),
    onSuccess: () => setOpen(false),
  })
  return (
    <ConfirmDialog
      trigger={<Button>{t('action', { ring })}</Button>}
      title={t('title', { namespace: binding.namespace, ring })}
      action={t('action', { ring })}
      look="primary"
      busy={move.isPending}
      open={open}
      onOpenChange={setOpen}
      onConfirm={() => move.mutate({ ring, comment })}
    >
      <p>{t('text', { ring })}</p>
      <WordsField label={t('comment')} value={comment} onChange={setComment} />
      {move.error ? <ErrorNote error={move.error} /> : null}
    </ConfirmDialog>
  )
}

'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button, type ButtonProps } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { useErrorWords } from '#components/ui/error-words.ts'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { WordsField } from '#components/ui/words-field.tsx'
import type {
  MoveShareView,
  RingShare,
  ServiceRingsView,
} from '#server/serving/views/ring-views.ts'
import { moveShare } from './mutations.ts'

/** Shows who would move before anybody does: each move is a run of that binding's own plan. */
export function MoveDialog({
  service,
  share,
  label,
  title,
  ...button
}: {
  service: ServiceRingsView
  share: RingShare
  label: string
  title?: string
} & Pick<ButtonProps, 'look' | 'size' | 'disabled'>) {
  const t = useTranslations('rings')
  const wordsOf = useErrorWords()
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const [comment, setComment] = useState('')
  const preview = useMutation(moveShare(service))
  const move = useMutation({
    ...moveShare(service),
    onSuccess: ({ moves, failed }) => {
      if (failed.length === 0) setOpen(false)
      const count = moves.length - failed.length
      if (count > 0) toast.success(t('moved', { count }))
      void client.invalidateQueries({ queryKey: ['rings'] })
    },
  })
  const moves = preview.data?.moves ?? []

  function toggle(next: boolean) {
    setOpen(next)
    move.reset()
    if (next) preview.mutate({ share, preview: true })
  }

  return (
    <ConfirmDialog
      trigger={
        <Button {...button} aria-label={title}>
          {label}
        </Button>
      }
      title={title ?? t('moveTitle')}
      look="primary"
      action={moves.length > 0 ? t('moveAction', { count: moves.length }) : undefined}
      busy={move.isPending || preview.isPending}
      open={open}
      onOpenChange={toggle}
      onConfirm={() => move.mutate({ share, preview: false, comment })}
    >
      {preview.error ? <ErrorNote error={preview.error} /> : null}
      {preview.isPending ? <Skeleton label={t('previewing')} /> : null}
      {preview.data ? <Moves view={preview.data} /> : null}
      {move.error ? <ErrorNote error={move.error} /> : null}
      {move.data && move.data.failed.length > 0 ? (
        <ul className="rounded-lg bg-bad-soft px-3 py-2">
          {move.data.failed.map(({ namespace, name, ...why }) => (
            <li key={`${namespace}/${name}`}>
              {t('failed', { namespace, name, message: wordsOf(why) })}
            </li>
          ))}
        </ul>
      ) : null}
      {moves.length > 0 ? (
        <WordsField label={t('comment')} value={comment} onChange={setComment} />
      ) : null}
    </ConfirmDialog>
  )
}

function Moves({ view }: { view: MoveShareView }) {
  const t = useTranslations('rings')
  if (view.moves.length === 0) return <p>{t('nothingMoves')}</p>
  return (
    <>
      <p>{t('moveText', { count: view.moves.length })}</p>
      <ul className="max-h-56 divide-y divide-line overflow-y-auto rounded-lg border border-line">
        {view.moves.map(({ namespace, name, from, to }) => (
          <li
            key={`${namespace}/${name}`}
            className="flex flex-wrap justify-between gap-x-4 px-3 py-1.5"
          >
            <span className="font-mono text-[0.9rem]">
              {namespace}/{name}
            </span>
            <span>{t('fromTo', { from: t(`ring.${from}`), to: t(`ring.${to}`) })}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { deleteBinding, endBinding, retryBinding } from '#components/access/mutations.ts'
import { servicesQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { useFailureWords } from '#components/ui/error-words.ts'
import { tellFailure } from '#components/ui/tell-failure.ts'
import { WordsField } from '#components/ui/words-field.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { MoveRingButton } from './move-ring.tsx'

/** What this person can do with the binding now; the server decides all the same. */
export function BindingActions({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.actions')
  const { namespace, name, can } = binding
  const { data: services } = useQuery(servicesQuery())
  const { modelService } = binding.asked
  const hasCanary = services
    ?.find(({ id }) => id === `${modelService.namespace}/${modelService.name}`)
    ?.engines.some(({ ring }) => ring === 'canary')
  return (
    <>
      {can.includes('use') ? (
        <Button asChild look="primary">
          <Link href={`/playground?${new URLSearchParams({ binding: binding.id })}`}>
            {t('use')}
          </Link>
        </Button>
      ) : null}
      {can.includes('change') ? (
        <Button asChild>
          <Link href={`/access/request?${new URLSearchParams({ change: `${namespace}/${name}` })}`}>
            {t('change')}
          </Link>
        </Button>
      ) : null}
      {can.includes('move') && hasCanary ? <MoveRingButton binding={binding} /> : null}
      {can.includes('retry') && binding.state === 'failed' ? (
        <RetryButton binding={binding} />
      ) : null}
      {can.includes('release') ? <EndButton binding={binding} verb="release" /> : null}
      {can.includes('revoke') ? <EndButton binding={binding} verb="revoke" /> : null}
      {can.includes('delete') ? <DeleteButton binding={binding} /> : null}
    </>
  )
}

function RetryButton({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.actions')
  const failureWords = useFailureWords()
  const retry = useMutation({
    ...retryBinding(binding.namespace, binding.name),
    onError: (error) => tellFailure(failureWords(error, t('failed'))),
  })
  return (
    <Button busy={retry.isPending} onClick={() => retry.mutate()}>
      {t('retry')}
    </Button>
  )
}

function EndButton({ binding, verb }: { binding: BindingView; verb: 'release' | 'revoke' }) {
  const t = useTranslations(`access.${verb}`)
  const [open, setOpen] = useState(false)
  const [comment, setComment] = useState('')
  const end = useMutation({
    ...endBinding(binding.namespace, binding.name, verb),
    onSuccess: () => setOpen(false),
  })
  return (
    <ConfirmDialog
      trigger={<Button look="danger">{t('action')}</Button>}
      title={t('title')}
      action={t('action')}
      busy={end.isPending}
      open={open}
      onOpenChange={setOpen}
      onConfirm={() => end.mutate({ comment })}
    >
      <p>{t('text', { namespace: binding.namespace, address: binding.address })}</p>
      <WordsField
        label={t('comment')}
        hint={t('commentHint')}
        value={comment}
        onChange={setComment}
      />
      {end.error ? <ErrorNote error={end.error} /> : null}
    </ConfirmDialog>
  )
}

function DeleteButton({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.delete')
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const remove = useMutation({
    ...deleteBinding(binding.namespace, binding.name),
    onSuccess: () => router.push('/access'),
  })
  const words = binding.granted ? 'delete' : 'withdraw'
  return (
    <ConfirmDialog
      trigger={<Button look="danger">{t(`${words}.action`)}</Button>}
      title={t(`${words}.title`)}
      action={t(`${words}.action`)}
      busy={remove.isPending}
      open={open}
      onOpenChange={setOpen}
      onConfirm={() => remove.mutate()}
    >
      <p>{t(`${words}.text`, { namespace: binding.namespace })}</p>
      {remove.error ? <ErrorNote error={remove.error} /> : null}
    </ConfirmDialog>
  )
}

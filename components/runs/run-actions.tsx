'use client'
import { useMutation } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { useFailureWords } from '#components/ui/error-words.ts'
import { Field, TextInput } from '#components/ui/field.tsx'
import { tellFailure } from '#components/ui/tell-failure.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { cancelRun, deleteRun, rerunRun } from './mutations.ts'

export function RunActions({ run }: { run: RunView }) {
  const t = useTranslations('runs.actions')
  const router = useRouter()
  const failureWords = useFailureWords()
  const rerun = useMutation({
    ...rerunRun(run.namespace, run.name),
    onSuccess: (next) => router.push(`/runs/${next.namespace}/${next.name}`),
    onError: (error) => tellFailure(failureWords(error, t('notDone'))),
  })
  const fits = actsThatFit(run)
  return (
    <>
      {fits.again && run.task && run.can.includes('rerun') ? (
        <Button asChild>
          <Link href={`/tasks/${run.namespace}/${run.task}?from=${encodeURIComponent(run.name)}`}>
            {t('edit')}
          </Link>
        </Button>
      ) : null}
      {fits.again ? (
        <Button
          busy={rerun.isPending}
          disabled={!run.can.includes('rerun')}
          title={run.can.includes('rerun') ? undefined : t('notRight')}
          onClick={() => rerun.mutate()}
        >
          {t('rerun')}
        </Button>
      ) : null}
      {fits.cancel ? <EndRun run={run} verb="cancel" /> : null}
      {fits.again ? <EndRun run={run} verb="delete" /> : null}
    </>
  )
}

/** What makes sense in its state; the rights then say whether the person may. Runs of bindings are the binding's to repeat. */
function actsThatFit({ state, binding, can }: RunView): { again: boolean; cancel: boolean } {
  const open = state === 'pending' || state === 'running'
  return { again: !open && !binding, cancel: state === 'running' || can.includes('cancel') }
}

function EndRun({ run, verb }: { run: RunView; verb: 'cancel' | 'delete' }) {
  const t = useTranslations(`runs.actions.${verb}`)
  const words = useTranslations('runs.actions')
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const [why, setWhy] = useState('')
  const cancel = useMutation(cancelRun(run.namespace, run.name))
  const remove = useMutation(deleteRun(run.namespace, run.name))
  const act = useMutation<unknown>({
    mutationFn: () => (verb === 'cancel' ? cancel.mutateAsync(why.trim()) : remove.mutateAsync()),
    onSuccess: () => {
      setOpen(false)
      if (verb === 'delete') router.push('/runs')
    },
  })
  return (
    <ConfirmDialog
      trigger={
        <Button
          look="danger"
          disabled={!run.can.includes(verb)}
          title={run.can.includes(verb) ? undefined : words('notRight')}
        >
          {t('action')}
        </Button>
      }
      title={t('title')}
      action={t('action')}
      dismiss={verb === 'cancel' ? words('cancel.dismiss') : undefined}
      busy={act.isPending}
      open={open}
      onOpenChange={setOpen}
      onConfirm={() => act.mutate()}
    >
      <p>{t('text', { name: run.name })}</p>
      {verb === 'cancel' ? (
        <Field label={words('cancel.why')}>
          {(field) => (
            <TextInput
              {...field}
              value={why}
              maxLength={2000}
              onChange={(event) => setWhy(event.target.value)}
            />
          )}
        </Field>
      ) : null}
      {act.error ? <ErrorNote error={act.error} /> : null}
    </ConfirmDialog>
  )
}

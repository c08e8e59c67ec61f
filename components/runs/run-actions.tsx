'use client'
import { useMutation } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import type { RunView } from '#server/domain/views.ts'
import { cancelRun, deleteRun, rerunRun } from './mutations.ts'

export function RunActions({ run }: { run: RunView }) {
  const t = useTranslations('runs.actions')
  const router = useRouter()
  const rerun = useMutation({
    ...rerunRun(run.namespace, run.name),
    onSuccess: (next) => router.push(`/runs/${next.namespace}/${next.name}`),
    onError: (error) => toast.error(error.message || t('notDone')),
  })
  return (
    <>
      {run.can.includes('rerun') ? (
        <Button busy={rerun.isPending} onClick={() => rerun.mutate()}>
          {t('rerun')}
        </Button>
      ) : null}
      {run.can.includes('cancel') ? <EndRun run={run} verb="cancel" /> : null}
      {run.can.includes('delete') ? <EndRun run={run} verb="delete" /> : null}
    </>
  )
}

function EndRun({ run, verb }: { run: RunView; verb: 'cancel' | 'delete' }) {
  const t = useTranslations(`runs.actions.${verb}`)
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const act = useMutation<unknown>({
    mutationFn: (verb === 'cancel' ? cancelRun : deleteRun)(run.namespace, run.name)
      .mutationFn as () => Promise<unknown>,
    onSuccess: () => {
      setOpen(false)
      if (verb === 'delete') router.push('/runs')
    },
  })
  return (
    <ConfirmDialog
      trigger={<Button look="danger">{t('action')}</Button>}
      title={t('title')}
      action={t('action')}
      busy={act.isPending}
      open={open}
      onOpenChange={setOpen}
      onConfirm={() => act.mutate()}
    >
      <p>{t('text', { name: run.name })}</p>
      {act.error ? <ErrorNote error={act.error} /> : null}
    </ConfirmDialog>
  )
}

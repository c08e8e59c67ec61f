'use client'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { useFailureWords } from '#components/ui/error-words.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { deleteRuns } from './mutations.ts'

/** What is done with several runs at once; nothing is to be seen of it while none is chosen. */
export function ChosenRuns({
  runs,
  onAll,
  onNone,
}: {
  /** Each of them the person's to delete. */
  runs: readonly RunView[]
  onAll: () => void
  onNone: () => void
}) {
  const t = useTranslations('runs.chosen')
  const words = useTranslations('runs.actions')
  const failureWords = useFailureWords()
  /** Those that were read in the question, whatever the list says meanwhile. */
  const [asked, setAsked] = useState<readonly RunView[]>()
  const act = useMutation({
    ...deleteRuns(),
    onSuccess: (left) => {
      setAsked(left.length > 0 ? left.map(({ run }) => run) : undefined)
      if (left.length === 0) onNone()
    },
  })
  if (runs.length === 0 && !asked) return null
  const left = act.data ?? []
  const error = act.error ?? left[0]?.error
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line bg-raised px-4 py-2 text-[0.9rem]">
      <p aria-live="polite" className="font-medium tabular-nums">
        {t('count', { count: runs.length })}
      </p>
      <div className="ml-auto flex flex-wrap gap-2">
        <Button size="small" onClick={onAll}>
          {t('all')}
        </Button>
        <Button size="small" onClick={onNone}>
          {t('none')}
        </Button>
        <ConfirmDialog
          trigger={
            <Button size="small" look="danger">
              {t('action')}
            </Button>
          }
          title={t('title', { count: (asked ?? runs).length })}
          action={t('action')}
          busy={act.isPending}
          open={asked !== undefined}
          onOpenChange={(open) => {
            act.reset()
            setAsked(open ? runs : undefined)
          }}
          onConfirm={() => act.mutate(asked ?? [])}
        >
          <p>{t('text')}</p>
          <ul className="max-h-60 overflow-y-auto font-mono text-[0.9rem]">
            {asked?.map((run) => (
              <li key={run.id} className="break-all">
                {run.name}
              </li>
            ))}
          </ul>
          {error ? (
            <p role="alert" className="text-bad">
              {t('failed', {
                count: (asked ?? []).length,
                why: failureWords(error, words('notDone')),
              })}
            </p>
          ) : null}
        </ConfirmDialog>
      </div>
    </div>
  )
}

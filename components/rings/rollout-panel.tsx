'use client'
import { useMutation } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { WordsField } from '#components/ui/words-field.tsx'
import type { RolloutAction, RolloutView } from '#server/serving/views/ring-views.ts'
import { steerRollout } from './mutations.ts'

/** The Argo Rollout behind an engine: how far it is, and the acts that make sense now. */
export function RolloutPanel({ rollout, maySteer }: { rollout: RolloutView; maySteer: boolean }) {
  const t = useTranslations('rings.rollout')
  const { name, phase, message, step, steps } = rollout
  return (
    <div className="mt-4 rounded-lg border border-line p-3">
      <p className="font-medium">{t('title', { name, phase })}</p>
      {steps > 0 ? <p className="text-muted">{t('step', { step: step ?? 0, steps })}</p> : null}
      {message ? <p className="text-muted">{message}</p> : null}
      {maySteer ? (
        <div className="mt-2 flex flex-wrap gap-2">
          {actionsOf(rollout).map((action) => (
            <SteerButton key={action} rollout={name} action={action} />
          ))}
        </div>
      ) : null}
    </div>
  )
}

function actionsOf({ paused, aborted, phase }: RolloutView): RolloutAction[] {
  if (aborted) return ['retry', 'undo']
  if (phase === 'Healthy') return ['undo']
  return ['promote', 'promote-full', ...(paused ? [] : (['pause'] as const)), 'abort', 'undo']
}

function SteerButton({ rollout, action }: { rollout: string; action: RolloutAction }) {
  const t = useTranslations('rings.rollout')
  const router = useRouter()
  const [why, setWhy] = useState('')
  const steer = useMutation({
    ...steerRollout(rollout),
    onSuccess: (run) => router.push(`/runs/${run.namespace}/${run.name}`),
  })
  const gentle = action === 'promote' || action === 'pause' || action === 'retry'
  return (
    <ConfirmDialog
      trigger={
        <Button size="small" look={gentle ? 'plain' : 'danger'}>
          {t(`action.${action}`)}
        </Button>
      }
      title={t('confirm', { action: t(`action.${action}`), name: rollout })}
      action={t(`action.${action}`)}
      look={gentle ? 'primary' : 'danger'}
      busy={steer.isPending || why.trim() === ''}
      onConfirm={() => steer.mutate({ action, why })}
    >
      <p>{t(`text.${action}`)}</p>
      <WordsField required max={500} label={t('why')} value={why} onChange={setWhy} />
      {steer.error ? <ErrorNote error={steer.error} /> : null}
    </ConfirmDialog>
  )
}

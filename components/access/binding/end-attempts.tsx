'use client'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { retryBinding } from '#components/access/mutations.ts'
import { Button } from '#components/ui/button.tsx'
import { useFailureWords } from '#components/ui/error-words.ts'
import { tellFailure } from '#components/ui/tell-failure.ts'
import { isHeldUp } from '#server/access/model/end-backoff.ts'
import type { End } from '#server/access/model/model-binding.ts'
import type { BindingView } from '#server/access/views/binding.ts'

/** What has not been taken away yet: why the last attempt failed, when the next comes, and whose turn it is. */
export function EndAttempts({
  binding,
  end,
  instant,
}: {
  binding: BindingView
  end: End
  instant: (at: string) => string
}) {
  const t = useTranslations('access.end')
  const failureWords = useFailureWords()
  const again = useMutation({
    ...retryBinding(binding.namespace, binding.name),
    onError: (error) => tellFailure(failureWords(error, t('againFailed'))),
  })
  const { failure, attempt = 1 } = end
  if (!failure) return <p className="text-muted">{t('underWay')}</p>
  const count = attempt - 1
  const may = binding.can.includes('retry')
  const heldUp = isHeldUp(end)
  return (
    <div className="grid gap-3 rounded-lg bg-warn-soft px-3 py-2" role="status">
      <p className="break-words text-warn">{t('failed', { count, why: failure.message })}</p>
      <p suppressHydrationWarning>
        {failure.nextAt ? t('next', { at: instant(failure.nextAt) }) : t('attempt', { attempt })}{' '}
        {heldUp ? t(may ? 'turn.yours' : 'turn.admins') : t('turn.own')}
      </p>
      {may ? (
        <p>
          <Button size="small" busy={again.isPending} onClick={() => again.mutate()}>
            {t('again')}
          </Button>
        </p>
      ) : null}
    </div>
  )
}

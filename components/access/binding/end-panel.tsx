'use client'
import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import { durationText } from '#components/runs/durations.ts'
import { Panel } from '#components/ui/panel.tsx'
import type { End } from '#server/access/model/model-binding.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { CheckList, SignatureLine } from './check-list.tsx'
import { EndAttempts } from './end-attempts.tsx'

/** Why access ended, how fast it was cut, and the proof that it is gone. */
export function EndPanel({ binding, end }: { binding: BindingView; end: End }) {
  const t = useTranslations('access.end')
  const format = useFormatter()
  const instant = (at: string) =>
    format.dateTime(new Date(at), { dateStyle: 'medium', timeStyle: 'medium' })
  const { proof } = end
  return (
    <Panel
      title={t(`reason.${end.reason}`)}
      actions={
        end.run ? (
          <Link
            href={`/runs/${binding.asked.modelService.namespace}/${end.run}`}
            className="text-accent hover:underline"
          >
            {t('run')}
          </Link>
        ) : null
      }
    >
      <div className="grid gap-3">
        <p suppressHydrationWarning>{t('asked', { by: end.by, at: instant(end.at) })}</p>
        {end.comment ? <p className="break-words">“{end.comment}”</p> : null}
        {end.provenAt ? (
          <p className="font-medium" suppressHydrationWarning>
            {t('proven', { at: instant(end.provenAt) })}
          </p>
        ) : (
          <EndAttempts binding={binding} end={end} instant={instant} />
        )}
        {proof?.cutMs === undefined ? null : (
          <p className="tabular-nums">
            {t('cut', { time: durationText(proof.cutMs), answers: proof.cutAnswers ?? 0 })}
          </p>
        )}
        {proof ? (
          <>
            <CheckList checks={proof.checks ?? []} />
            <SignatureLine signature={proof.signature} />
          </>
        ) : null}
      </div>
    </Panel>
  )
}

'use client'
import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import { Panel } from '#components/ui/panel.tsx'
import type { End } from '#server/domain/model-binding.ts'
import type { BindingView } from '#server/domain/views.ts'

/** Why access ended, and the proof that it is gone. */
export function EndPanel({ binding, end }: { binding: BindingView; end: End }) {
  const t = useTranslations('access.end')
  const format = useFormatter()
  const instant = (at: string) =>
    format.dateTime(new Date(at), { dateStyle: 'medium', timeStyle: 'medium' })
  return (
    <Panel title={t(`reason.${end.reason}`)}>
      <div className="grid gap-2">
        <p>{t('asked', { by: end.by, at: instant(end.at) })}</p>
        {end.comment ? <p className="break-words">“{end.comment}”</p> : null}
        {end.provenAt ? (
          <p className="font-medium">{t('proven', { at: instant(end.provenAt) })}</p>
        ) : (
          <p className="text-muted">{t('underWay')}</p>
        )}
        {end.run ? (
          <p>
            <Link
              href={`/runs/${binding.run?.namespace ?? binding.asked.modelService.namespace}/${end.run}`}
              className="text-accent hover:underline"
            >
              {t('run')}
            </Link>
          </p>
        ) : null}
      </div>
    </Panel>
  )
}

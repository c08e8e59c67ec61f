'use client'
import { useFormatter, useTranslations } from 'next-intl'
import { QuotaText } from '#components/access/quota-text.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { PastGrant } from '#server/access/model/model-binding.ts'

/** Grants that others replaced or that ended: kept, the newest first. */
export function PastGrants({ history }: { history: PastGrant[] }) {
  const t = useTranslations('access.past')
  const format = useFormatter()
  if (history.length === 0) return null
  const day = (at: string) => format.dateTime(new Date(at), { dateStyle: 'medium' })
  return (
    <Panel title={t('title')}>
      <ol className="grid gap-4">
        {history.toReversed().map((past) => (
          <li key={`${past.generation} ${past.until}`} className="grid gap-0.5">
            <p className="font-medium" suppressHydrationWarning>
              {t('span', {
                from: day(past.usableSince ?? past.approvedAt),
                until: day(past.until),
              })}
            </p>
            <p className="text-[0.9rem]">
              <QuotaText quota={past.quota} /> · {t('days', { days: past.durationDays })} ·{' '}
              <span className="font-mono">{past.alias}</span> · {past.ring}
            </p>
            <p className="text-[0.9rem] text-muted">
              {t('approvedBy', { by: format.list(past.approvedBy) })} ·{' '}
              {t(`why.${past.why}`, { by: past.by ?? '' })}
            </p>
            {past.comment ? <p className="text-[0.9rem] break-words">“{past.comment}”</p> : null}
          </li>
        ))}
      </ol>
    </Panel>
  )
}

'use client'
import { useFormatter, useTranslations } from 'next-intl'
import { Panel } from '#components/ui/panel.tsx'
import type { BindingView } from '#server/domain/views.ts'
import { QuotaText } from './quota-text.tsx'

/** What is asked beside what was granted; the rows that differ are marked. */
export function AskedPanel({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.asked')
  const format = useFormatter()
  const { asked, granted } = binding
  const rows = [
    { name: t('strategy'), asked: asked.strategy, granted: granted?.strategy },
    { name: t('alias'), asked: asked.alias, granted: granted?.alias },
    {
      name: t('duration'),
      asked: t('days', { days: asked.durationDays }),
      granted: granted && t('days', { days: granted.durationDays }),
    },
    {
      name: t('quota'),
      asked: <QuotaText quota={asked.quota} />,
      granted: granted && <QuotaText quota={granted.quota} />,
      differs: granted && JSON.stringify(asked.quota) !== JSON.stringify(granted.quota),
    },
    ...(granted
      ? [
          { name: t('ring'), asked: '—', granted: granted.ring, differs: false },
          {
            name: t('expires'),
            asked: '—',
            granted: granted.expiresAt
              ? format.dateTime(new Date(granted.expiresAt), {
                  dateStyle: 'medium',
                  timeStyle: 'short',
                })
              : '—',
            differs: false,
          },
        ]
      : []),
  ]
  return (
    <Panel title={t('title')}>
      <dl className="mb-4 grid gap-1">
        <dt className="text-muted">{t('purpose', { purpose: t(`purposes.${asked.purpose}`) })}</dt>
        <dd className="max-w-[75ch] break-words whitespace-pre-wrap">{asked.justification}</dd>
      </dl>
      <div className="overflow-x-auto">
        <table className="w-full text-left">
          <thead className="text-[0.87rem] text-muted">
            <tr>
              <th className="py-1.5 pr-4 font-medium">{t('what')}</th>
              <th className="py-1.5 pr-4 font-medium">{t('asked')}</th>
              <th className="py-1.5 font-medium">{t('granted')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const differs =
                binding.pending &&
                granted !== undefined &&
                (row.differs ?? row.asked !== row.granted)
              return (
                <tr key={row.name} className={differs ? 'bg-accent-soft' : undefined}>
                  <th scope="row" className="py-1.5 pr-4 font-normal text-muted">
                    {row.name}
                    {differs ? <span className="sr-only">{t('differs')}</span> : null}
                  </th>
                  <td className="py-1.5 pr-4">{row.asked}</td>
                  <td className="py-1.5">{row.granted ?? <span className="text-muted">—</span>}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

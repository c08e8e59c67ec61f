'use client'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import { classes } from '#components/ui/classes.ts'
import { Panel } from '#components/ui/panel.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { type WishRow, wishRows } from './request-rows.ts'
import { WithdrawButton } from './withdraw-button.tsx'

/** What is in force beside what is asked, field by field; where an approver offers something else, that too. */
export function AskedPanel({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.asked')
  const { asked, granted, changes, terms, reduction, can } = binding
  const rows = wishRows(binding).filter(({ now, asked, offered }) => now ?? asked ?? offered)
  const changing = granted !== undefined && changes.length > 0
  const over = binding.state === 'ended' || binding.state === 'ending'
  const renewed = changes.some(({ field }) => field === 'renewal')
  return (
    <Panel
      title={changing ? t('changeTitle') : t('title')}
      actions={can.includes('withdraw') && changing ? <WithdrawButton binding={binding} /> : null}
    >
      <dl className="mb-4 grid gap-1">
        <dt className="text-muted">{t('purpose', { purpose: t(`purposes.${asked.purpose}`) })}</dt>
        <dd className="max-w-[75ch] break-words whitespace-pre-wrap">{asked.justification}</dd>
      </dl>
      {changing ? (
        <p
          role="status"
          className={classes(
            'mb-4 rounded-lg px-3 py-2',
            reduction ? 'bg-good-soft text-good' : 'bg-accent-soft text-accent-strong',
          )}
        >
          {reduction ? t('reduction') : renewed ? t('renewal') : t('waiting')}
        </p>
      ) : null}
      <div className="overflow-x-auto">
        <table className="w-full text-left tabular-nums">
          <thead className="text-[0.87rem] text-muted">
            <tr>
              <th className="py-1.5 pr-4 font-medium">{t('what')}</th>
              {granted ? (
                <th className="py-1.5 pr-4 font-medium">{t(over ? 'wasGranted' : 'granted')}</th>
              ) : null}
              <th className="py-1.5 pr-4 font-medium">{t('asked')}</th>
              {terms ? (
                <th className="py-1.5 font-medium">{t('offered', { by: terms.by })}</th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row
                key={row.field}
                row={row}
                compared={granted !== undefined}
                offering={terms !== undefined}
                changing={changing}
              />
            ))}
          </tbody>
        </table>
      </div>
      {terms?.comment ? <p className="mt-3 break-words">“{terms.comment}”</p> : null}
    </Panel>
  )
}

function Row({
  row,
  compared,
  offering,
  changing,
}: {
  row: WishRow
  compared: boolean
  offering: boolean
  changing: boolean
}) {
  const t = useTranslations('access.asked')
  const { field, now, asked, offered, how } = row
  return (
    <tr
      className={classes(
        'border-t border-line first:border-0',
        changing && !how && !offered && 'text-muted',
      )}
    >
      <th scope="row" className="min-w-24 py-1.5 pr-4 font-normal text-muted">
        {t(`fields.${field}`)}
      </th>
      {compared ? (
        <td className="py-1.5 pr-4">
          {how ? (
            <del className="rounded bg-bad-soft px-1.5 text-bad no-underline">
              <Value field={field} value={now} />
            </del>
          ) : (
            <Value field={field} value={now} />
          )}
        </td>
      ) : null}
      <td className="py-1.5 pr-4">
        {how ? (
          <ins className="inline-flex items-center gap-1 rounded bg-good-soft px-1.5 text-good no-underline">
            <Value field={field} value={asked} />
            <Direction how={how} />
          </ins>
        ) : (
          <Value field={field} value={asked} />
        )}
      </td>
      {offering ? (
        <td className="py-1.5">
          {offered === undefined ? (
            <span className="text-muted">{t('asAsked')}</span>
          ) : (
            <strong className="rounded bg-accent-soft px-1.5 font-medium text-accent-strong">
              <Value field={field} value={offered} />
            </strong>
          )}
        </td>
      ) : null}
    </tr>
  )
}

function Direction({ how }: { how: NonNullable<WishRow['how']> }) {
  const t = useTranslations('access.asked')
  if (how === 'other') return <span className="sr-only">{t('how.other')}</span>
  const Icon = how === 'more' ? ArrowUp : ArrowDown
  return (
    <>
      <Icon size={14} aria-hidden />
      <span className="sr-only">{t(`how.${how}`)}</span>
    </>
  )
}

function Value({ field, value }: { field: WishRow['field']; value: WishRow['now'] }) {
  const t = useTranslations('access.asked')
  const format = useFormatter()
  if (value === undefined) return '—'
  if (typeof value !== 'number')
    return <span className="font-mono text-[0.93rem] [overflow-wrap:anywhere]">{value}</span>
  return field === 'durationDays' ? t('days', { days: value }) : format.number(value)
}

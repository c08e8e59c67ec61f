'use client'
import { useTranslations } from 'next-intl'
import type { FollowedLog } from './use-run-log.ts'

/** Of a log that is larger than its page: which part this is, and the way to the others. */
export function LogEarlier({
  log,
  onRow,
  onBack,
}: {
  log: FollowedLog
  onRow: (row: number) => void
  onBack: () => void
}) {
  const t = useTranslations('runs.log')
  const link = 'font-medium text-accent hover:underline'
  const { part } = log
  if (!part && log.earlier === 0) return null
  return (
    <p className="flex flex-wrap gap-x-4 border-b border-line bg-raised px-4 py-2 text-[0.9rem]">
      {part ? t('part', part) : t('earlier', { count: log.earlier })}
      {!part || part.from > 1 ? (
        <button type="button" onClick={() => onRow(1)} className={link}>
          {t('toBeginning')}
        </button>
      ) : null}
      {part && part.from > 1 ? (
        <button type="button" onClick={() => onRow(part.from - 1)} className={link}>
          {t('rowsBefore')}
        </button>
      ) : null}
      {part && part.to < part.rows ? (
        <button type="button" onClick={() => onRow(part.to + 1)} className={link}>
          {t('rowsAfter')}
        </button>
      ) : null}
      {part ? (
        <button type="button" onClick={onBack} className={link}>
          {t('backToEnd')}
        </button>
      ) : null}
    </p>
  )
}

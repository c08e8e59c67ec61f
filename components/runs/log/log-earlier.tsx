'use client'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useDeferredValue } from 'react'
import { logSearchQuery } from '#components/data/run-queries.ts'
import type { RunView } from '#server/domain/views.ts'
import type { SearchWish } from './search-pattern.ts'
import type { FollowedLog } from './use-run-log.ts'

/** Of a log that is larger than its page: which part this is, what lies before it, and what a search finds there. */
export function LogEarlier({
  run,
  log,
  container,
  wish,
  onBack,
}: {
  run: Pick<RunView, 'namespace' | 'name'>
  log: FollowedLog
  container?: string
  wish: SearchWish
  onBack: () => void
}) {
  const t = useTranslations('runs.log')
  const asked = useDeferredValue(wish)
  const { data } = useQuery({
    ...logSearchQuery(run, asked, container),
    enabled: log.earlier > 0 && asked.text !== '',
    staleTime: 60_000,
  })
  const link = 'font-medium text-accent hover:underline'
  if (log.part) {
    return (
      <p className="flex flex-wrap gap-x-4 border-b border-line bg-accent-soft px-4 py-2 text-[0.9rem]">
        {t('part', log.part)}
        <button type="button" onClick={onBack} className={link}>
          {t('backToEnd')}
        </button>
      </p>
    )
  }
  if (log.earlier === 0) return null
  const found = data?.matching.filter((row) => row <= log.earlier) ?? []
  return (
    <p className="flex flex-wrap gap-x-4 border-b border-line bg-raised px-4 py-2 text-[0.9rem]">
      {t('earlier', { count: log.earlier })}
      <a href="#L1" className={link}>
        {t('toBeginning')}
      </a>
      {asked.text && found.length > 0 ? (
        <a href={`#L${found.at(-1)}`} className={link}>
          {t('foundEarlier', { count: found.length })}
        </a>
      ) : null}
    </p>
  )
}

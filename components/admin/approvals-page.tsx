'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { BindingsTable } from '#components/access/bindings-table.tsx'
import { bindingsQuery, meQuery } from '#components/data/queries.ts'
import { classes } from '#components/ui/classes.ts'
import { Empty } from '#components/ui/empty.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { AppError } from '#server/domain/errors.ts'
import { RequestCard } from './request-card.tsx'

const views = ['waiting', 'decided'] as const

/** Requests that wait for a decision, and those that had one. */
export function ApprovalsPage() {
  const t = useTranslations('approvals')
  const view = useSearchParams().get('view') === 'decided' ? 'decided' : 'waiting'
  const { data: me } = useQuery(meQuery())
  const { data, error, refetch } = useQuery(bindingsQuery())
  if (me && !me.can.approve) return <ErrorNote error={new AppError('forbidden', '')} />

  const waiting = (data ?? [])
    .filter((binding) => binding.can.includes('decide'))
    .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
  const decided = (data ?? []).filter((binding) => binding.decisions.length > 0)

  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <nav aria-label={t('views.label')} className="mb-4 flex gap-1">
        {views.map((name) => (
          <Link
            key={name}
            href={name === 'waiting' ? '/approvals' : '/approvals?view=decided'}
            aria-current={view === name ? 'page' : undefined}
            className={classes(
              'rounded-lg px-3 py-1.5 font-medium',
              view === name ? 'bg-accent-soft text-accent-strong' : 'hover:bg-raised',
            )}
          >
            {t(`views.${name}`)}{' '}
            <span className="tabular-nums">
              {name === 'waiting' ? waiting.length : decided.length}
            </span>
          </Link>
        ))}
      </nav>
      {error ? (
        <ErrorNote error={error} onRetry={refetch} />
      ) : !data ? (
        <Skeleton label={t('loading')} />
      ) : view === 'decided' ? (
        <Panel flush>
          {decided.length > 0 ? (
            <BindingsTable bindings={decided} />
          ) : (
            <Empty title={t('noneDecided')} />
          )}
        </Panel>
      ) : waiting.length === 0 ? (
        <Panel>
          <Empty title={t('empty')}>{t('emptyNext')}</Empty>
        </Panel>
      ) : (
        <ul className="grid gap-4">
          {waiting.map((binding) => (
            <li key={binding.id}>
              <RequestCard binding={binding} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

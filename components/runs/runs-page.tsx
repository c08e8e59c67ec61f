'use client'
import { useQuery } from '@tanstack/react-query'
import { useNow, useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { runsQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { FilterSelect } from '#components/ui/filter-select.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Pages } from '#components/ui/pages.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { useAddressQuery } from '#components/ui/use-address-query.ts'
import type { RunView } from '#server/runs/views/run.ts'
import { ChosenRuns } from './chosen-runs.tsx'
import {
  choicesOf,
  filterRuns,
  periodOf,
  type RunFilter,
  runFilters,
  runPeriods,
  sinceOf,
} from './filter-runs.ts'
import { RunsTable } from './runs-table.tsx'
import { useOlderRuns } from './use-older-runs.ts'

const pageSize = 50

/** Every run that the person may see, newest first; the filters stand in the address. */
export function RunsPage() {
  const t = useTranslations('runs')
  const { search, go, clear } = useAddressQuery()
  const { data: listed, error: failed, refetch } = useQuery(runsQuery())
  const older = useOlderRuns(listed)
  const data = listed && older.runs
  const error = failed ?? older.error
  const filter: RunFilter = Object.fromEntries(
    runFilters.map((name) => [name, search.get(name) ?? undefined]),
  )
  const period = periodOf(search.get('period'))
  const now = useNow({ updateInterval: 60_000 })
  const page = Math.max(1, Number(search.get('page')) || 1)

  const found = filterRuns(data ?? [], filter, sinceOf(period, now))
  const pages = Math.max(1, Math.ceil(found.length / pageSize))
  const shown = found.slice(
    (Math.min(page, pages) - 1) * pageSize,
    Math.min(page, pages) * pageSize,
  )
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const mayDelete = (run: RunView) => run.can.includes('delete')
  function choose(id: string, on: boolean) {
    setChosen((was) => new Set(on ? [...was, id] : [...was].filter((one) => one !== id)))
  }
  // An address may lead further back than the list reaches.
  const { lookBack, isLooking } = older
  const isBeyond = listed !== undefined && page > pages
  useEffect(() => {
    if (isBeyond && !isLooking) lookBack?.()
  }, [isBeyond, isLooking, lookBack])
  const filtered = period !== undefined || runFilters.some((name) => filter[name])
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <div className="mb-4 grid grid-cols-2 gap-3 sm:flex sm:flex-wrap">
        {runFilters.map((name) => (
          <FilterSelect
            key={name}
            label={t(`filter.${name}`)}
            all={t('filter.all')}
            value={filter[name]}
            choices={choicesOf(data ?? [], name, filter[name])}
            wordsOf={(choice) => (name === 'state' ? t(`state.${choice}`) : choice)}
            onChange={(choice) => go({ [name]: choice, page: '' })}
          />
        ))}
        <FilterSelect
          label={t('filter.period')}
          all={t('filter.anyTime')}
          value={period}
          choices={Object.keys(runPeriods)}
          wordsOf={(choice) => t(`filter.last.${choice}`)}
          onChange={(choice) => go({ period: choice, page: '' })}
        />
      </div>
      <Panel flush>
        {error ? (
          <div className="p-4">
            <ErrorNote error={error} onRetry={refetch} />
          </div>
        ) : !data ? (
          <Skeleton label={t('loading')} />
        ) : shown.length === 0 ? (
          <Empty title={filtered ? t('noneFound') : t('empty')}>
            {filtered ? <Button onClick={clear}>{t('filter.clear')}</Button> : t('emptyNext')}
          </Empty>
        ) : (
          <>
            <ChosenRuns
              runs={found.filter((run) => chosen.has(run.id) && mayDelete(run))}
              onAll={() =>
                setChosen(new Set([...chosen, ...shown.filter(mayDelete).map(({ id }) => id)]))
              }
              onNone={() => setChosen(new Set())}
            />
            <RunsTable runs={shown} chosen={chosen} onChoose={choose} />
          </>
        )}
      </Panel>
      <div className="mt-3 flex flex-wrap items-center gap-3">
        {pages > 1 ? (
          <Pages page={page} pages={pages} onPage={(next) => go({ page: String(next) })} />
        ) : null}
        {older.lookBack && page >= pages ? (
          <Button size="small" busy={older.isLooking} onClick={older.lookBack}>
            {t('lookBack')}
          </Button>
        ) : null}
      </div>
    </>
  )
}

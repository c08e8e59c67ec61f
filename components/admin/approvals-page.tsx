'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { bindingsQuery, meQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import { Empty } from '#components/ui/empty.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { useAddressQuery } from '#components/ui/use-address-query.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { MeView } from '#server/processes/web/views/me.ts'
import {
  filterRequests,
  neighboursOf,
  type RequestFilter,
  requestAges,
  requestSorts,
  requestViews,
} from './filter-requests.ts'
import { NetworkNotice } from './network-notice.tsx'
import { RequestFilters } from './request-filters.tsx'
import { RequestReview } from './request-review.tsx'
import { RequestRow } from './request-row.tsx'
import { ShortcutHint } from './shortcut-hint.tsx'
import { useShortcuts, useShortcutsOn } from './use-shortcuts.ts'

/** Requests that wait, those of one's own, and those that were decided, each with all that follows from it. */
export function ApprovalsPage() {
  const t = useTranslations('approvals')
  const me = useQuery(meQuery())
  const { data, error, refetch } = useQuery(bindingsQuery())
  const mayNot = me.data && !me.data.can.approve
  const failure = mayNot ? new AppError('forbidden', '') : (error ?? me.error)
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      {mayNot ? null : <NetworkNotice />}
      {failure ? (
        <ErrorNote error={failure} onRetry={refetch} />
      ) : data && me.data ? (
        <Queue bindings={data} me={me.data} />
      ) : (
        <Skeleton label={t('loading')} />
      )}
    </>
  )
}

function Queue({ bindings, me }: { bindings: BindingView[]; me: MeView }) {
  const t = useTranslations('approvals')
  const { search, addressOf, go } = useAddressQuery()
  const [keys, setKeys] = useShortcutsOn()
  const filter: RequestFilter = {
    view: requestViews.find((name) => name === search.get('view')) ?? 'waiting',
    service: search.get('service') ?? undefined,
    namespace: search.get('namespace') ?? undefined,
    age: requestAges.find((age) => age === search.get('age')),
    sort: requestSorts.find((sort) => sort === search.get('sort')),
  }
  const now = new Date()
  const found = filterRequests(bindings, filter, me.user, now)

  // What is on the screen stays there when the queue moves: nobody decides on what slipped under their hands.
  const [first, setFirst] = useState<string>()
  const chosen = search.get('request') ?? undefined
  const shown = bindings.find(({ id }) => id === (chosen ?? first))
  if (!shown && found[0] && first !== found[0].id) setFirst(found[0].id)

  const { before, after } = neighboursOf(found, shown, filter)
  const step = (request: string | undefined) => () => request && go({ request })
  useShortcuts({ j: step(after), k: step(before) }, keys)

  const filtered = filter.service || filter.namespace || filter.age
  return (
    <>
      <div className="mb-4 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <nav aria-label={t('views.label')} className="flex gap-1">
          {requestViews.map((view) => (
            <Link
              key={view}
              href={addressOf({ view: view === 'waiting' ? undefined : view, request: undefined })}
              onClick={() => setFirst(undefined)}
              aria-current={filter.view === view ? 'page' : undefined}
              className={classes(
                'rounded-lg px-3 py-1.5 font-medium whitespace-nowrap',
                filter.view === view ? 'bg-accent-soft text-accent-strong' : 'hover:bg-raised',
              )}
            >
              {t(`views.${view}`)}{' '}
              <span className="tabular-nums">
                {filterRequests(bindings, { ...filter, view }, me.user, now).length}
              </span>
            </Link>
          ))}
        </nav>
        <RequestFilters
          bindings={bindings}
          filter={filter}
          onChange={(changes) => {
            setFirst(undefined)
            go({ ...changes, request: undefined })
          }}
        />
      </div>
      {found.length === 0 && !shown ? (
        <Panel>
          <Empty title={t(filtered ? 'noneFound' : `empty.${filter.view}`)}>
            {filtered ? (
              <Button
                onClick={() => go({ service: undefined, namespace: undefined, age: undefined })}
              >
                {t('clear')}
              </Button>
            ) : (
              t(`emptyNext.${filter.view}`)
            )}
          </Empty>
        </Panel>
      ) : (
        <div className="grid items-start gap-6 lg:grid-cols-[19rem_minmax(0,1fr)]">
          <div className={classes('lg:sticky lg:top-6', chosen && shown && 'max-lg:hidden')}>
            <Panel flush>
              {found.length === 0 ? (
                <p className="p-4 text-muted">{t(`empty.${filter.view}`)}</p>
              ) : (
                <ol
                  aria-label={t(`views.${filter.view}`)}
                  className="max-h-[calc(100dvh-13rem)] divide-y divide-line overflow-y-auto max-lg:max-h-none"
                >
                  {found.map((binding) => (
                    <li key={binding.id}>
                      <RequestRow
                        binding={binding}
                        href={addressOf({ request: binding.id })}
                        current={binding.id === shown?.id}
                      />
                    </li>
                  ))}
                </ol>
              )}
            </Panel>
            <ShortcutHint on={keys} onChange={setKeys} />
          </div>
          <div className={chosen ? undefined : 'max-lg:hidden'}>
            {shown ? (
              <RequestReview
                key={shown.uid}
                binding={shown}
                back={addressOf({ request: undefined })}
                keys={keys}
              />
            ) : null}
          </div>
        </div>
      )}
    </>
  )
}

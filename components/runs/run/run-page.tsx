'use client'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { usePathname, useSearchParams } from 'next/navigation'
import { useFormatter, useNow, useTranslations } from 'next-intl'
import { runQuery, runsQuery } from '#components/data/queries.ts'
import { durationMs, durationText } from '#components/runs/durations.ts'
import { RunActions } from '#components/runs/run-actions.tsx'
import { RunBadge } from '#components/runs/run-badge.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Fact, Facts } from '#components/ui/facts.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { RunView } from '#server/runs/views/run.ts'
import { RunDetail } from './run-detail.tsx'
import { StepList } from './step-list.tsx'

/** It reads the address, which only a browser has. */
const RunLog = dynamic(() => import('./run-log.tsx').then((m) => m.RunLog), {
  ssr: false,
  loading: () => <Loading />,
})

/** One run: what it does and for whom, its steps and its log, live. A failed one opens where it failed. */
export function RunPage({ namespace, name }: { namespace: string; name: string }) {
  const t = useTranslations('runs')
  const path = usePathname()
  const search = useSearchParams()
  const { data: list } = useQuery(runsQuery())
  const listed = list?.find((one) => one.namespace === namespace && one.name === name)
  const single = useQuery({ ...runQuery(namespace, name), enabled: !listed })
  const run = listed ?? single.data
  if (!run) {
    if (single.error) {
      return (
        <>
          <PageHeader title={<span className="font-mono">{name}</span>} />
          <ErrorNote error={single.error} onRetry={single.refetch} />
        </>
      )
    }
    return <Skeleton rows={6} label={t('loading')} />
  }

  const wanted = search.get('step') ?? undefined
  const step = run.steps.some((one) => one.name === wanted) ? wanted : undefined
  // Without a navigation: what else stands in the address is the log's own.
  const select = (next: string | undefined) => {
    const query = new URLSearchParams(location.search)
    if (next) query.set('step', next)
    else query.delete('step')
    history.replaceState(null, '', query.size > 0 ? `${path}?${query}` : path)
  }
  const steps = (
    <Panel title={t('steps')}>
      <StepList run={run} selected={step} onSelect={select} />
    </Panel>
  )
  return (
    <>
      <PageHeader
        title={<span className="font-mono">{run.name}</span>}
        badge={<RunBadge state={run.state} sealed={run.sealed} />}
        lead={run.why ? <span className="wrap-anywhere">{run.why}</span> : undefined}
        actions={<RunActions run={run} />}
      />
      <div className="grid gap-6">
        {run.state === 'pending' ? (
          <>
            {steps}
            <Panel title={t('log.label')}>
              <p className="text-muted">{t(run.sealed ? 'sealed' : 'unstarted')}</p>
            </Panel>
          </>
        ) : (
          <RunLog run={run} step={step}>
            {(card, log) => (
              <>
                {card}
                {steps}
                <Panel title={step ? t('logOf', { step }) : t('log.label')} flush>
                  {log}
                </Panel>
              </>
            )}
          </RunLog>
        )}
        <div className="grid gap-6 lg:grid-cols-2">
          <About run={run} />
          <Values run={run} />
        </div>
        <RunDetail run={run} />
      </div>
    </>
  )
}

function Loading() {
  return <Skeleton rows={6} label={useTranslations('runs')('loading')} />
}

function About({ run }: { run: RunView }) {
  const t = useTranslations('runs')
  const format = useFormatter()
  const now = useNow({ updateInterval: 1000 })
  const ms = durationMs(run, now)
  return (
    <Panel title={t('about')}>
      <Facts>
        <Fact name={t('task')}>
          {run.task ? (
            <Link
              href={`/tasks/${run.namespace}/${run.task}`}
              className="font-mono text-accent hover:underline"
            >
              {run.task}
            </Link>
          ) : (
            t('ownSteps')
          )}
        </Fact>
        {run.binding ? (
          <Fact name={t('binding')}>
            <Link
              href={`/bindings/${run.binding.namespace}/${run.binding.name}`}
              className="font-mono text-accent hover:underline"
            >
              {run.binding.namespace}/{run.binding.name}
            </Link>
          </Fact>
        ) : null}
        {run.startedBy ? <Fact name={t('by')}>{run.startedBy}</Fact> : null}
        <Fact name={t('started')}>
          <span suppressHydrationWarning>
            {run.startedAt
              ? format.dateTime(new Date(run.startedAt), {
                  dateStyle: 'medium',
                  timeStyle: 'medium',
                })
              : '—'}
          </span>
        </Fact>
        <Fact name={t('took')}>
          <span suppressHydrationWarning className="tabular-nums">
            {ms === undefined ? '—' : durationText(ms)}
          </span>
        </Fact>
        <Fact name={t('reason')}>
          <span className="wrap-anywhere">{run.message || run.reason}</span>
        </Fact>
        {run.goneAt ? (
          <Fact name={t('gone')}>
            <Timestamp at={run.goneAt} />
          </Fact>
        ) : null}
      </Facts>
    </Panel>
  )
}

/** Parameters and results as they went in and came out; long ones fold. */
function Values({ run }: { run: RunView }) {
  const t = useTranslations('runs')
  const values = [
    ...run.results.map(({ name, value }) => ({ name, value, kind: t('result') })),
    ...run.params.map(({ name, value }) => ({
      name,
      value: typeof value === 'string' ? value : JSON.stringify(value),
      kind: t('param'),
    })),
  ]
  return (
    <Panel title={t('values')}>
      {values.length === 0 ? <p className="text-muted">{t('noValues')}</p> : null}
      <ul className="grid gap-3">
        {values.map(({ name, value, kind }) => (
          <li key={`${kind} ${name}`}>
            <p>
              <span className="font-mono font-medium">{name}</span>{' '}
              <span className="text-[0.87rem] text-muted">{kind}</span>
            </p>
            {value.length > 160 ? (
              <details>
                <summary className="text-muted">{t('show', { count: value.length })}</summary>
                <pre className="mt-1 max-h-96 overflow-y-auto rounded-lg bg-log p-2 font-mono text-[0.84rem] break-all whitespace-pre-wrap">
                  {value}
                </pre>
              </details>
            ) : (
              <p className="font-mono text-[0.9rem] break-all">{value || '—'}</p>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

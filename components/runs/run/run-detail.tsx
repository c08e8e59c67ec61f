'use client'
import { useQuery } from '@tanstack/react-query'
import { useNow, useTranslations } from 'next-intl'
import { runDetailQuery } from '#components/data/run-queries.ts'
import { durationMs, durationText } from '#components/runs/durations.ts'
import { RunBadge } from '#components/runs/run-badge.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { CodeText } from '#components/ui/code-text.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Fact, Facts } from '#components/ui/facts.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { RunView } from '#server/runs/views/run.ts'
import type {
  AttemptView,
  RunDetailView,
  RunEventView,
} from '#server/runs/views/run-detail-view.ts'
import { runCommands } from './run-commands.ts'
import { StepList } from './step-list.tsx'

/** What is asked for when one run is looked at closely: its attempts, its events, what exactly ran. */
export function RunDetail({ run }: { run: RunView }) {
  const t = useTranslations('runs.detail')
  const { data, error, refetch } = useQuery(runDetailQuery(run))
  if (error) return <ErrorNote error={error} onRetry={refetch} />
  if (!data) return <Skeleton label={t('events')} />
  return (
    <>
      {data.attempts.length > 1 ? <Attempts attempts={data.attempts} /> : null}
      <Events events={data.events} />
      <WhatRan run={run} detail={data} />
    </>
  )
}

function Attempts({ attempts }: { attempts: AttemptView[] }) {
  const t = useTranslations('runs.detail')
  const now = useNow({ updateInterval: 1000 })
  return (
    <Panel title={t('attempts')}>
      <ol className="grid gap-4">
        {attempts.map((attempt) => {
          const ms = durationMs(attempt, now)
          return (
            <li key={attempt.number} className="grid gap-1">
              <p className="flex flex-wrap items-center gap-3">
                <span className="font-medium">{t('attempt', { number: attempt.number })}</span>
                <RunBadge state={attempt.state} />
                <span className="text-[0.87rem] text-muted tabular-nums" suppressHydrationWarning>
                  {ms === undefined ? '' : durationText(ms)}
                </span>
                {attempt.pod ? (
                  <span className="font-mono text-[0.84rem] break-all text-muted">
                    {attempt.pod}
                  </span>
                ) : null}
              </p>
              <StepList run={attempt} />
            </li>
          )
        })}
      </ol>
    </Panel>
  )
}

function Events({ events }: { events: RunEventView[] }) {
  const t = useTranslations('runs.detail')
  const pods = [...new Set(events.map(({ pod }) => pod))]
  return (
    <Panel title={t('events')}>
      {events.length === 0 ? <p className="text-muted">{t('noEvents')}</p> : null}
      <div className="grid gap-4">
        {pods.map((pod) => (
          <section key={pod ?? ''} className="grid min-w-0 gap-2">
            {pods.length > 1 ? (
              <h3 className="font-medium break-all">
                {pod === undefined ? t('about.run') : t('about.pod', { pod })}
              </h3>
            ) : null}
            <EventList events={events.filter((event) => event.pod === pod)} />
          </section>
        ))}
      </div>
    </Panel>
  )
}

function EventList({ events }: { events: RunEventView[] }) {
  const t = useTranslations('runs.detail')
  return (
    <ul aria-label={t('eventsLead')} className="grid gap-2">
      {events.map((event, index) => (
        <li
          key={index}
          className="grid gap-x-4 gap-y-0.5 text-[0.93rem] md:grid-cols-[9rem_11rem_1fr]"
        >
          <span className="text-[0.87rem] text-muted">
            {event.at ? <Timestamp at={event.at} /> : null}
          </span>
          <span>
            <Badge tone={event.warning ? 'warn' : 'neutral'}>{event.reason}</Badge>
          </span>
          <span className="min-w-0 wrap-anywhere">
            {event.message}
            {event.count > 1 ? (
              <span className="text-muted"> · {t('times', { count: event.count })}</span>
            ) : null}
          </span>
        </li>
      ))}
    </ul>
  )
}

function WhatRan({ run, detail }: { run: RunView; detail: RunDetailView }) {
  const t = useTranslations('runs.detail')
  const commands = runCommands(run, detail)
  return (
    <Panel title={t('ran')}>
      <div className="grid gap-4">
        <Facts>
          {detail.serviceAccount ? (
            <Fact name={t('serviceAccount')}>
              <span className="font-mono">{detail.serviceAccount}</span>
            </Fact>
          ) : null}
          {detail.timeout ? <Fact name={t('timeout')}>{detail.timeout}</Fact> : null}
          <Fact name={t('retries')}>{detail.retries}</Fact>
          {detail.workspaces.length > 0 ? (
            <Fact name={t('workspaces')}>
              {detail.workspaces
                .map(({ name, kind, source }) =>
                  [`${name}:`, kind, source].filter(Boolean).join(' '),
                )
                .join(', ')}
            </Fact>
          ) : null}
        </Facts>
        {detail.task ? (
          <details>
            <summary className="font-medium">{t('ranLead')}</summary>
            <div className="mt-2">
              <CodeText text={detail.task} label={t('ran')} />
            </div>
          </details>
        ) : null}
        <details>
          <summary className="font-medium">{t('manifest')}</summary>
          <div className="mt-2">
            <CodeText text={detail.manifest} label={t('manifest')} />
          </div>
        </details>
        {commands ? (
          <details>
            <summary className="font-medium">{t('commands')}</summary>
            <div className="mt-2">
              <CodeText text={commands} label={t('commands')} />
            </div>
          </details>
        ) : null}
      </div>
    </Panel>
  )
}

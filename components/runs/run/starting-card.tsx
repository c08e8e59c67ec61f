'use client'
import { useTranslations } from 'next-intl'
import { explainStart } from '#server/runs/model/failure-rules.ts'
import type { RunView } from '#server/runs/views/run.ts'
import type { RunEventView } from '#server/runs/views/run-detail-view.ts'
import { unknownValues } from './unknown-values.ts'

/** Nothing of it has begun: its pod is made, scheduled, or waits for what it needs. */
export function isStarting({ state, steps }: RunView): boolean {
  if (state !== 'running') return false
  return steps.every((step) => step.state === 'pending' || step.state === 'waiting')
}

/** Why the pod of a run does not start, as the cluster warns of it, and whose turn it is; nothing without a warning. */
export function StartingCard({ run, events }: { run: RunView; events: RunEventView[] }) {
  const t = useTranslations('failures')
  const words = useTranslations('runs.starting')
  const explained = explainStart(run, events)
  if (!explained) return null
  const { event, failure } = explained
  const values = { ...unknownValues, ...failure?.values }
  return (
    <section
      aria-label={words('title')}
      className="grid gap-3 rounded-card border border-warn/40 bg-warn-soft px-4 py-3"
    >
      <div role="alert">
        <p className="text-[0.87rem] font-medium text-warn">{words('title')}</p>
        {failure ? (
          <p className="text-lg font-semibold wrap-anywhere">{t(`${failure.rule}.what`, values)}</p>
        ) : null}
        <p className="font-mono text-[0.84rem] wrap-anywhere whitespace-pre-wrap">
          {event.reason}: {event.message}
        </p>
      </div>
      {failure ? (
        <dl className="grid gap-x-6 gap-y-1 sm:grid-cols-[max-content_1fr]">
          <dt className="text-muted">{t('turnName')}</dt>
          <dd className="font-medium">{t(`turn.${failure.turn}`)}</dd>
          <dt className="text-muted">{t('doName')}</dt>
          <dd className="min-w-0 wrap-anywhere">{t(`${failure.rule}.do`, values)}</dd>
        </dl>
      ) : null}
    </section>
  )
}

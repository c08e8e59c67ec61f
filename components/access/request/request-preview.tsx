'use client'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { ChangeCounts } from '#components/access/plan/change-counts.tsx'
import { PlannedObject } from '#components/access/plan/planned-object.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import type { RequestPreview as Preview } from '#server/access/views/request-preview.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'
import type { bodyOf } from './request-draft.ts'

/** What sending this would come to: what it permits in words, and the exact objects. */
export function RequestPreview({
  wish,
  service,
  binding,
  preview,
  error,
  children,
}: {
  wish: ReturnType<typeof bodyOf>
  service: ModelServiceView
  binding?: BindingView
  preview?: Preview
  error?: Error | null
  /** Who decides. */
  children: ReactNode
}) {
  const t = useTranslations('access.preview')
  const conflicts = preview?.changes.some(({ change }) => change === 'conflict')
  return (
    <Panel title={t('title')}>
      <div className="grid gap-4">
        {children}
        <Permits wish={wish} service={service} running={binding?.term !== undefined} />
        {error && !preview ? <ErrorNote error={error} /> : null}
        {preview ? (
          <details open={conflicts} data-testid="preview">
            <summary className="flex flex-wrap items-center gap-y-1 rounded-lg py-1 font-medium">
              <span className="mr-3">{t('objects', { count: preview.changes.length })}</span>
              <ChangeCounts changes={preview.changes} />
            </summary>
            <ul className="mt-3 grid gap-3">
              {preview.changes.map((change) => (
                <PlannedObject
                  key={`${change.kind}/${change.namespace}/${change.name}`}
                  change={change}
                />
              ))}
            </ul>
            <p className="mt-3 text-[0.87rem] text-muted">{t(binding ? 'compared' : 'numbered')}</p>
          </details>
        ) : null}
      </div>
    </Panel>
  )
}

function Permits({
  wish,
  service,
  running,
}: {
  wish: ReturnType<typeof bodyOf>
  service: ModelServiceView
  /** A term runs already. */
  running: boolean
}) {
  const t = useTranslations('access.preview')
  const format = useFormatter()
  const number = (value: number) => (Number.isFinite(value) ? format.number(value) : '…')
  const { requestsPerMinute, tokensPerDay, concurrency } = wish.quota
  const strong = (chunks: ReactNode) => (
    <strong className="font-medium break-words">{chunks}</strong>
  )
  return (
    <ul className="grid list-disc gap-1.5 pl-5">
      <li>
        {t.rich('call', {
          b: strong,
          namespace: wish.namespace,
          model: service.displayName,
          address: `http://${wish.alias || '…'}:${service.address.split(':').at(-1)}`,
        })}
      </li>
      <li>
        {t.rich('quota', {
          b: strong,
          requests: number(requestsPerMinute),
          tokens: number(tokensPerDay),
          concurrency: number(concurrency),
        })}
      </li>
      <li>
        {t.rich(running ? 'termRuns' : 'term', { b: strong, days: number(wish.durationDays) })}
      </li>
      <li>{t('nothingElse')}</li>
    </ul>
  )
}

'use client'
import { useTranslations } from 'next-intl'
import { Badge, type Tone } from '#components/ui/badge.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { PlannedChange } from '#server/domain/model-binding.ts'
import type { BindingView } from '#server/domain/views.ts'

const tones: Record<PlannedChange['change'], Tone> = {
  create: 'good',
  update: 'accent',
  unchanged: 'neutral',
  delete: 'warn',
  conflict: 'bad',
}

/** The sealed plan, object by object, against the live cluster; exactly this runs once it is approved. */
export function PlanPanel({ seal }: { seal: NonNullable<BindingView['seal']> }) {
  const t = useTranslations('approvals.plan')
  return (
    <Panel title={t('title')}>
      <p className="mb-4 text-muted">
        {t.rich('sealed', { time: () => <Timestamp at={seal.previewedAt} /> })}
      </p>
      <ul className="grid gap-4">
        {seal.changes.map((change) => (
          <li
            key={`${change.kind}/${change.namespace}/${change.name}`}
            className="rounded-lg border border-line"
          >
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-2">
              <Badge tone={tones[change.change]}>{t(`change.${change.change}`)}</Badge>
              <span className="font-medium">{change.kind}</span>
              <span className="font-mono text-[0.9rem] break-all text-muted">
                {change.namespace}/{change.name}
              </span>
            </div>
            {change.message ? <p className="px-3 py-2 text-bad">{change.message}</p> : null}
            {change.fields.length > 0 ? <FieldDiff fields={change.fields} /> : null}
          </li>
        ))}
      </ul>
      <div className="mt-4 flex flex-wrap items-center gap-2">
        <span className="text-muted">{t('digest')}</span>
        <code className="font-mono text-[0.87rem] break-all" data-testid="plan-digest">
          {seal.digest}
        </code>
        <CopyButton text={seal.digest} />
      </div>
    </Panel>
  )
}

function FieldDiff({ fields }: { fields: PlannedChange['fields'] }) {
  const t = useTranslations('approvals.plan')
  return (
    <dl className="grid gap-y-2 px-3 py-2 font-mono text-[0.85rem] md:grid-cols-[minmax(12rem,2fr)_3fr] md:gap-x-4">
      {fields.map((field) => (
        <div key={field.path} className="contents">
          <dt className="break-all text-muted">{field.path}</dt>
          <dd className="grid gap-0.5 break-all">
            {field.live !== undefined ? (
              <del className="rounded bg-bad-soft px-1 text-bad no-underline">
                <span className="sr-only">{t('live')} </span>− {field.live}
              </del>
            ) : null}
            {field.planned !== undefined ? (
              <ins className="rounded bg-good-soft px-1 text-good no-underline">
                <span className="sr-only">{t('planned')} </span>+ {field.planned}
              </ins>
            ) : null}
          </dd>
        </div>
      ))}
    </dl>
  )
}

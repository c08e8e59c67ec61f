'use client'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { DecisionPanel } from '#components/admin/decision-panel.tsx'
import { bindingQuery, bindingsQuery } from '#components/data/queries.ts'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import type { BindingView } from '#server/domain/views.ts'
import { AddressPanel } from './address-panel.tsx'
import { AskedPanel } from './asked-panel.tsx'
import { BindingActions } from './binding-actions.tsx'
import { BindingBadge } from './binding-badge.tsx'
import { BindingRun } from './binding-run.tsx'
import { ConditionsPanel } from './conditions-panel.tsx'
import { EndPanel } from './end-panel.tsx'
import { PlanPanel } from './plan-panel.tsx'
import { Timeline } from './timeline.tsx'

/** One binding: where it stands, what comes next, and everything that led here. */
export function BindingPage({ namespace, name }: { namespace: string; name: string }) {
  const t = useTranslations('access.binding')
  const { data: list } = useQuery(bindingsQuery())
  const listed = list?.find((one) => one.namespace === namespace && one.name === name)
  const single = useQuery({ ...bindingQuery(namespace, name), enabled: !listed })
  const binding = listed ?? single.data

  if (!binding) {
    if (single.error) return <ErrorNote error={single.error} onRetry={single.refetch} />
    return <Skeleton rows={6} label={t('loading')} />
  }
  return (
    <>
      <PageHeader
        title={<span className="font-mono">{binding.name}</span>}
        badge={<BindingBadge binding={binding} />}
        lead={<Lead binding={binding} />}
        actions={<BindingActions binding={binding} />}
      />
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="grid min-w-0 gap-6">
          <DecisionPanel key={binding.uid} binding={binding} />
          {binding.end ? <EndPanel binding={binding} end={binding.end} /> : null}
          {binding.state === 'ready' ? <AddressPanel binding={binding} /> : null}
          <AskedPanel binding={binding} />
          {binding.seal ? <PlanPanel seal={binding.seal} /> : null}
          {binding.run ? <BindingRun {...binding.run} /> : null}
        </div>
        <div className="grid min-w-0 gap-6">
          <Panel title={t('timeline')}>
            <Timeline binding={binding} />
          </Panel>
          <ConditionsPanel conditions={binding.conditions} />
        </div>
      </div>
    </>
  )
}

function Lead({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.binding')
  return t.rich(`lead.${binding.state}`, {
    namespace: () => <span className="font-mono">{binding.namespace}</span>,
    service: () => <span className="font-mono">{binding.asked.modelService.name}</span>,
  })
}

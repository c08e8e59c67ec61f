'use client'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { BindingBadge } from '#components/access/binding-badge.tsx'
import { DenialNote } from '#components/access/request/denial-note.tsx'
import { UsageLine } from '#components/access/usage-line.tsx'
import { DecisionPanel } from '#components/admin/decision-panel.tsx'
import { bindingQuery, bindingsQuery } from '#components/data/queries.ts'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { AddressPanel } from './address-panel.tsx'
import { ApprovalPanel } from './approval-panel.tsx'
import { AskedPanel } from './asked-panel.tsx'
import { BindingActions } from './binding-actions.tsx'
import { BindingRun } from './binding-run.tsx'
import { ConditionsPanel } from './conditions-panel.tsx'
import { EndPanel } from './end-panel.tsx'
import { PastGrants } from './past-grants.tsx'
import { ReceiptPanel } from './receipt-panel.tsx'
import { TermPanel } from './term-panel.tsx'
import { Timeline } from './timeline.tsx'

// Of a page that has much to show: what is seldom there, and what waits for numbers and texts of its own anyhow.
const DriftPanel = dynamic(() => import('./drift-panel.tsx').then((m) => m.DriftPanel))
const PlanPanel = dynamic(() =>
  import('#components/access/plan/plan-panel.tsx').then((m) => m.PlanPanel),
)
const CapacityPanel = dynamic(() =>
  import('#components/admin/capacity-panel.tsx').then((m) => m.CapacityPanel),
)
const TeamPanel = dynamic(() => import('#components/admin/team-panel.tsx').then((m) => m.TeamPanel))
const BindingHistory = dynamic(() =>
  import('#components/audit/binding-history.tsx').then((m) => m.BindingHistory),
)

/** One binding: where it stands, what comes next, and everything that led here. */
export function BindingPage({ namespace, name }: { namespace: string; name: string }) {
  const t = useTranslations('access.binding')
  const { data: list } = useQuery(bindingsQuery())
  const listed = list?.find((one) => one.namespace === namespace && one.name === name)
  const single = useQuery({ ...bindingQuery(namespace, name), enabled: !listed })
  const binding = listed ?? single.data

  if (!binding) {
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
  // What waits is looked at first, what runs or failed is followed, and what works is called.
  const first = firstOf(binding)
  // By their keys they are the same wherever they stand: a log that is being read goes on.
  const asked = <AskedPanel key="asked" binding={binding} />
  const run = binding.run ? <BindingRun key="run" {...binding.run} /> : null
  return (
    <>
      <PageHeader
        title={<span className="font-mono">{binding.name}</span>}
        badge={<BindingBadge binding={binding} />}
        lead={<Lead binding={binding} />}
        actions={<BindingActions binding={binding} />}
      />
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_22rem] xl:grid-rows-[auto_1fr]">
        {/* How long it lasts and what is used of it: beside the rest on a wide screen, above it on a phone. */}
        {binding.term && binding.state !== 'ended' ? (
          <div className="grid min-w-0 gap-6 sm:max-xl:grid-cols-2 xl:col-start-2">
            <TermPanel binding={binding} term={binding.term} />
            {binding.state === 'ready' ? (
              <Panel title={t('usage')}>
                <UsageLine binding={binding} />
              </Panel>
            ) : null}
          </div>
        ) : null}
        <div className="grid min-w-0 gap-6 xl:col-start-1 xl:row-span-2 xl:row-start-1">
          {binding.lastDenial ? <DenialNote denial={binding.lastDenial} /> : null}
          <DecisionPanel key={binding.uid} binding={binding} />
          <ApprovalPanel approval={binding.approval} />
          <DriftPanel binding={binding} />
          {binding.end ? <EndPanel binding={binding} end={binding.end} /> : null}
          {first === 'run' ? run : null}
          {first === 'asked' ? asked : null}
          {binding.can.includes('decide') ? (
            <>
              <CapacityPanel binding={binding} wish={binding.terms?.quota ?? binding.asked.quota} />
              <TeamPanel binding={binding} />
            </>
          ) : null}
          {binding.state === 'ready' ? <AddressPanel binding={binding} /> : null}
          {binding.receipt ? <ReceiptPanel binding={binding} receipt={binding.receipt} /> : null}
          {first === 'asked' ? null : asked}
          {binding.seal ? (
            <PlanPanel
              seal={binding.seal}
              decided={binding.granted?.generation === binding.seal.generation}
            />
          ) : null}
          {first === 'run' ? null : run}
        </div>
        <div className="grid min-w-0 gap-6 xl:col-start-2">
          <Panel title={t('timeline')}>
            <Timeline binding={binding} />
          </Panel>
          <PastGrants history={binding.history} />
          <ConditionsPanel conditions={binding.conditions} />
          <BindingHistory namespace={binding.namespace} name={binding.name} />
        </div>
      </div>
    </>
  )
}

function firstOf({ state, changes, end }: BindingView): 'run' | 'asked' | 'address' {
  if (state === 'failed' || state === 'provisioning') return 'run'
  if (state === 'ending' && end?.failure) return 'run'
  return state === 'ready' && changes.length === 0 ? 'address' : 'asked'
}

function Lead({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.binding')
  return t.rich(`lead.${binding.state}`, {
    namespace: () => <span className="font-mono">{binding.namespace}</span>,
    service: () => <span className="font-mono">{binding.asked.modelService.name}</span>,
  })
}

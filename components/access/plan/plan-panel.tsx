'use client'
import { useQuery } from '@tanstack/react-query'
import { ShieldAlert, ShieldCheck } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { runsQuery } from '#components/data/queries.ts'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { ChangeCounts, changeOrder } from './change-counts.tsx'
import { PlannedObject } from './planned-object.tsx'
import { useSealedPlan } from './use-sealed-plan.ts'

/** The sealed plan, object by object, against the live cluster; exactly this runs once it is approved. */
export function PlanPanel({
  seal,
  decided = false,
}: {
  seal: NonNullable<BindingView['seal']>
  /** It was approved: what it shows lies behind the reader. */
  decided?: boolean
}) {
  const t = useTranslations('approvals.plan')
  const { data: runs } = useQuery(runsQuery())
  const sealed = useSealedPlan(
    runs?.find(({ name }) => name === seal.run),
    seal,
  )
  const changes = seal.changes.toSorted(
    (a, b) => changeOrder.indexOf(a.change) - changeOrder.indexOf(b.change),
  )
  const objects = (
    <ul className="grid gap-3">
      {changes.map((change) => (
        <PlannedObject
          key={`${change.kind}/${change.namespace}/${change.name}`}
          change={change}
          whole={sealed?.plan.apply.find(
            ({ kind, metadata }) =>
              kind === change.kind &&
              metadata.namespace === change.namespace &&
              metadata.name === change.name,
          )}
        />
      ))}
    </ul>
  )
  return (
    <Panel title={t('title')}>
      <p className="text-muted">
        {t.rich(decided ? 'approved' : 'sealed', {
          time: () => <Timestamp at={seal.previewedAt} />,
        })}
      </p>
      {decided ? (
        <details className="mt-1">
          <summary className="flex w-fit items-center rounded-lg py-1">
            <ChangeCounts changes={changes} />
          </summary>
          <div className="mt-3">{objects}</div>
        </details>
      ) : (
        <>
          <ChangeCounts changes={changes} className="mt-1 mb-4" />
          {objects}
        </>
      )}
      <div className="mt-4 flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="text-muted">{t('digest')}</span>
        <code className="font-mono text-[0.87rem] break-all" data-testid="plan-digest">
          {seal.digest}
        </code>
        <CopyButton text={seal.digest} />
      </div>
      {sealed ? <Verified matches={sealed.matches} /> : null}
    </Panel>
  )
}

/** The browser hashes what it was given: nobody has to take the server's word for the digest. */
function Verified({ matches }: { matches: boolean }) {
  const t = useTranslations('approvals.plan')
  const Icon = matches ? ShieldCheck : ShieldAlert
  return (
    <p
      className={`mt-1 flex items-start gap-2 text-[0.87rem] ${matches ? 'text-good' : 'text-bad'}`}
    >
      <Icon size={16} aria-hidden className="mt-0.5 shrink-0" />
      {matches ? t('hashed') : t('mismatch')}
    </p>
  )
}

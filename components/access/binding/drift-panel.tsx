'use client'
import { TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { PlannedObject } from '#components/access/plan/planned-object.tsx'
import { conditionHolds } from '#components/access/troubles.ts'
import { Panel } from '#components/ui/panel.tsx'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { BindingView } from '#server/access/views/binding.ts'

/** Where the cluster is not what was approved: the difference, and what was done about it. */
export function DriftPanel({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.drift')
  const { drift } = binding
  const drifted = conditionHolds(binding, 'Drifted')
  const stale = conditionHolds(binding, 'Stale')
  const unknown = binding.conditions.find(
    ({ type, status }) => type === 'Drifted' && status === 'Unknown',
  )
  if (!drifted && !stale && !unknown) return null
  return (
    <Panel
      title={
        <span className="inline-flex items-center gap-2 text-warn">
          <TriangleAlert size={18} aria-hidden />
          {t(drifted ? 'drifted' : stale ? 'stale' : 'unknown')}
        </span>
      }
      actions={
        drift?.run ? (
          <Link
            href={`/runs/${binding.asked.modelService.namespace}/${drift.run}`}
            className="font-mono text-[0.9rem] text-accent hover:underline"
          >
            {drift.run}
          </Link>
        ) : null
      }
    >
      <div className="grid gap-3">
        {drifted ? <p className="break-words">{drifted.message}</p> : null}
        {stale ? <p className="break-words">{stale.message}</p> : null}
        {unknown ? <p className="break-words">{unknown.message}</p> : null}
        {drifted && drift ? (
          <>
            <p className="text-muted">
              {t.rich('since', {
                time: () => <Timestamp at={drift.since} />,
                repairs: drift.repairs,
              })}
            </p>
            <ul aria-label={t('difference')} className="grid gap-3">
              {drift.changes.map((change) => (
                <PlannedObject
                  key={`${change.kind}/${change.namespace}/${change.name}`}
                  change={change}
                />
              ))}
            </ul>
          </>
        ) : null}
      </div>
    </Panel>
  )
}

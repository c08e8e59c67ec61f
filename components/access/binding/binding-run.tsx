'use client'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { runsQuery } from '#components/data/queries.ts'
import { StepList } from '#components/runs/run/step-list.tsx'
import { RunBadge } from '#components/runs/run-badge.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'

/** It reads the address, which only a browser has. */
const RunLog = dynamic(() => import('#components/runs/run/run-log.tsx').then((m) => m.RunLog), {
  ssr: false,
})

/** The run that makes the decision true, with its steps and its log, both live. */
export function BindingRun({ namespace, name }: { namespace: string; name: string }) {
  const t = useTranslations('access.run')
  const { data } = useQuery(runsQuery())
  const run = data?.find((one) => one.namespace === namespace && one.name === name)
  return (
    <Panel
      title={
        <span className="inline-flex flex-wrap items-center gap-3">
          {t('title')}
          {run ? <RunBadge state={run.state} sealed={run.sealed} /> : null}
        </span>
      }
      actions={
        <Link
          href={`/runs/${namespace}/${name}`}
          className="font-mono text-[0.9rem] text-accent hover:underline"
        >
          {name}
        </Link>
      }
      flush
    >
      {run ? (
        <>
          <div className="border-b border-line p-4">
            <StepList run={run} />
          </div>
          {run.state === 'pending' ? (
            <p className="p-4 text-muted">{t('sealed')}</p>
          ) : (
            <RunLog run={run} />
          )}
        </>
      ) : data ? (
        <p className="p-4 text-muted">{t('gone')}</p>
      ) : (
        <Skeleton label={t('loading')} />
      )}
    </Panel>
  )
}

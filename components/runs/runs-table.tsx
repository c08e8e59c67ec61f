'use client'
import Link from 'next/link'
import { useNow, useTranslations } from 'next-intl'
import { classes } from '#components/ui/classes.ts'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { RunView } from '#server/runs/views/run.ts'
import { durationMs, durationText } from './durations.ts'
import { RunBadge } from './run-badge.tsx'

/** Those that the person may delete can be chosen. */
export function RunsTable({
  runs,
  chosen,
  onChoose,
}: {
  runs: readonly RunView[]
  chosen: ReadonlySet<string>
  onChoose: (id: string, on: boolean) => void
}) {
  const t = useTranslations('runs')
  const now = useNow({ updateInterval: 1000 })
  const some = runs.some(({ can }) => can.includes('delete'))
  return (
    <table className="w-full text-left max-md:block">
      <thead className="border-b border-line text-[0.87rem] whitespace-nowrap text-muted max-md:sr-only">
        <tr>
          <th className="w-2/5 px-4 py-2.5 font-medium">{t('run')}</th>
          <th className="px-4 py-2.5 font-medium">{t('filter.state')}</th>
          <th className="px-4 py-2.5 font-medium">{t('forWhom')}</th>
          <th className="px-4 py-2.5 font-medium">{t('when')}</th>
          <th className="px-4 py-2.5 text-right font-medium">{t('took')}</th>
        </tr>
      </thead>
      <tbody className="max-md:block">
        {runs.map((run) => {
          const ms = durationMs(run, now)
          return (
            <tr
              key={run.id}
              className="border-b border-line last:border-0 hover:bg-raised max-md:grid max-md:grid-cols-[1fr_auto] max-md:gap-x-3 max-md:gap-y-1.5 max-md:p-4"
            >
              <td className="px-4 py-3 max-md:col-span-2 max-md:p-0">
                <div className="flex gap-3">
                  {some ? (
                    <span className="flex h-6 w-4 shrink-0 items-center">
                      {run.can.includes('delete') ? (
                        <input
                          type="checkbox"
                          className="size-4 accent-accent"
                          aria-label={t('chosen.choose', { name: run.name })}
                          checked={chosen.has(run.id)}
                          onChange={(event) => onChoose(run.id, event.target.checked)}
                        />
                      ) : null}
                    </span>
                  ) : null}
                  <div className="min-w-0">
                    <Link
                      href={`/runs/${run.namespace}/${run.name}`}
                      className="font-mono text-[0.93rem] font-medium break-all text-accent hover:underline"
                    >
                      {run.name}
                    </Link>
                    <p className="text-[0.87rem] wrap-anywhere text-muted">{run.why ?? run.task}</p>
                  </div>
                </div>
              </td>
              <td className="px-4 py-3 max-md:p-0">
                <RunBadge state={run.state} sealed={run.sealed} />
                {run.goneAt ? <p className="mt-1 text-[0.87rem] text-muted">{t('gone')}</p> : null}
                {run.failedStep ? (
                  <p className="mt-1 text-[0.87rem] wrap-anywhere text-bad">
                    {t('failedAt', { step: run.failedStep })}
                  </p>
                ) : null}
              </td>
              <td className="px-4 py-3 max-md:p-0">
                {run.binding ? (
                  <Link
                    href={`/bindings/${run.binding.namespace}/${run.binding.name}`}
                    className="font-mono text-[0.93rem] text-accent [overflow-wrap:anywhere] hover:underline lg:whitespace-nowrap"
                  >
                    {run.binding.namespace}
                  </Link>
                ) : null}
                <p className="text-[0.87rem] wrap-anywhere text-muted">{run.startedBy}</p>
              </td>
              <td className="px-4 py-3 whitespace-nowrap max-md:col-start-2 max-md:row-start-2 max-md:p-0 max-md:text-right max-md:text-muted">
                <Timestamp at={run.startedAt ?? run.createdAt} />
              </td>
              <td
                className={classes(
                  'px-4 py-3 text-right whitespace-nowrap tabular-nums max-md:p-0',
                  ms === undefined && 'max-md:hidden',
                )}
                suppressHydrationWarning
              >
                {ms === undefined ? '—' : durationText(ms)}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { classes } from '#components/ui/classes.ts'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { BindingView, TimelineEntry } from '#server/access/views/binding.ts'

const dots: Record<TimelineEntry['what'], string> = {
  requested: 'bg-accent',
  changed: 'bg-accent',
  sealed: 'bg-line-strong',
  approved: 'bg-good',
  denied: 'bg-bad',
  adjusted: 'bg-accent',
  reduced: 'bg-accent',
  moved: 'bg-accent',
  'run-started': 'bg-line-strong',
  'run-failed': 'bg-bad',
  usable: 'bg-good',
  'end-asked': 'bg-warn',
  ended: 'bg-line-strong',
}

/** What happened, in order: who, when, why. */
export function Timeline({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.timeline')
  return (
    <ol className="grid gap-4 border-l border-line pl-4">
      {binding.timeline.map((entry) => (
        <li key={`${entry.at} ${entry.what} ${entry.by ?? ''}`} className="relative">
          <span
            aria-hidden
            className={classes(
              'absolute top-1.5 -left-[1.31rem] size-2.5 rounded-full ring-4 ring-surface',
              dots[entry.what],
            )}
          />
          <p className="font-medium">{t(entry.what, { by: entry.by ?? t('someone') })}</p>
          {entry.comment ? <p className="break-words">“{entry.comment}”</p> : null}
          <p className="text-[0.87rem] text-muted">
            <Timestamp at={entry.at} />
            {entry.run ? (
              <>
                {' · '}
                <Link
                  href={`/runs/${binding.run?.namespace ?? binding.asked.modelService.namespace}/${entry.run}`}
                  className="font-mono text-accent hover:underline"
                >
                  {entry.run}
                </Link>
              </>
            ) : null}
          </p>
        </li>
      ))}
    </ol>
  )
}

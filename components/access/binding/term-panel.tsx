'use client'
import Link from 'next/link'
import { useFormatter, useNow, useTranslations } from 'next-intl'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import { Panel } from '#components/ui/panel.tsx'
import { warningAt } from '#server/access/model/grant-term.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { remainingUntil, shareLeft } from './remaining.ts'

const hourMs = 3_600_000

const looks = {
  none: { bar: 'bg-accent', note: '' },
  20: { bar: 'bg-warn', note: 'bg-warn-soft text-warn' },
  5: { bar: 'bg-bad', note: 'bg-bad-soft text-bad' },
  grace: { bar: 'bg-bad', note: 'bg-bad-soft text-bad' },
} as const

/** How long it lasts: the instant in the reader's own time, what is left of it, and a way to have more. */
export function TermPanel({
  binding,
  term,
}: {
  binding: BindingView
  term: NonNullable<BindingView['term']>
}) {
  const t = useTranslations('access.term')
  const format = useFormatter()
  const ending = Date.parse(term.cutAt) - Date.now()
  const now = useNow({ updateInterval: ending < hourMs ? 1000 : 30_000 })
  const warning = warningAt(term, now)
  const look = looks[warning ?? 'none']
  const left = remainingUntil(warning === 'grace' ? term.cutAt : term.expiresAt, now)
  const { unit, ...counts } = left
  const instant = (at: string) =>
    format.dateTime(new Date(at), {
      weekday: 'short',
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      timeZoneName: 'short',
    })
  return (
    <Panel
      title={t('title')}
      actions={
        binding.can.includes('change') ? (
          <Button asChild size="small" look={warning ? 'primary' : 'plain'}>
            <Link
              href={`/access/request?${new URLSearchParams({ change: binding.id, extend: '1' })}`}
            >
              {t('extend')}
            </Link>
          </Button>
        ) : null
      }
    >
      <div className="grid gap-2">
        <p className="text-lg font-semibold tabular-nums" suppressHydrationWarning>
          {t(`left.${unit}`, counts)}
        </p>
        <span aria-hidden className="h-2 w-full overflow-hidden rounded-full bg-raised">
          <span
            className={classes('block h-full rounded-full', look.bar)}
            style={{ width: `${shareLeft(term, now) * 100}%` }}
          />
        </span>
        <p className="text-muted" suppressHydrationWarning>
          {t('until', { at: instant(term.expiresAt) })}
        </p>
        {term.cutAt === term.expiresAt ? null : (
          <p className="text-muted" suppressHydrationWarning>
            {t('grace', { at: instant(term.cutAt) })}
          </p>
        )}
        <div role="status">
          {warning ? (
            <p className={classes('rounded-lg px-3 py-2', look.note)}>{t(`warning.${warning}`)}</p>
          ) : null}
        </div>
      </div>
    </Panel>
  )
}

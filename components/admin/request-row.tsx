'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { BindingBadge } from '#components/access/binding-badge.tsx'
import { QuotaText } from '#components/access/quota-text.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { classes } from '#components/ui/classes.ts'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { askedAt } from './filter-requests.ts'

/** One request in the queue: who, where, since when, how much, and what stands in its way. */
export function RequestRow({
  binding,
  href,
  current,
}: {
  binding: BindingView
  href: string
  current: boolean
}) {
  const t = useTranslations('approvals.row')
  const { asked, granted, seal } = binding
  const conflict = seal?.changes.some(({ change }) => change === 'conflict')
  return (
    <Link
      href={href}
      replace
      scroll={false}
      aria-current={current ? 'true' : undefined}
      className={classes(
        'grid gap-1 border-l-3 px-3 py-2.5',
        current ? 'border-accent bg-accent-soft' : 'border-transparent hover:bg-raised',
      )}
    >
      <span className="flex items-baseline justify-between gap-2">
        <span className="truncate font-mono text-[0.93rem] font-medium">{binding.namespace}</span>
        <span className="shrink-0 text-[0.82rem] text-muted">
          <Timestamp at={askedAt(binding)} />
        </span>
      </span>
      <span className="truncate text-[0.9rem]">
        {t('who', { who: binding.requestedBy ?? t('someone'), service: asked.modelService.name })}
      </span>
      <span className="text-[0.85rem] text-muted">
        {t('days', { days: asked.durationDays })} · <QuotaText quota={asked.quota} />
      </span>
      <span className="flex flex-wrap gap-1.5 empty:hidden">
        {/* That it waits is what the queue is for. */}
        {binding.state === 'requested' ? null : <BindingBadge binding={binding} />}
        {granted && binding.pending && binding.state !== 'ready' ? (
          <Badge tone="accent">{t('change')}</Badge>
        ) : null}
        {conflict ? <Badge tone="bad">{t('conflict')}</Badge> : null}
      </span>
    </Link>
  )
}

'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { BindingBadge } from '#components/access/binding-badge.tsx'
import { QuotaText } from '#components/access/quota-text.tsx'
import { Button } from '#components/ui/button.tsx'
import { Fact, Facts } from '#components/ui/facts.tsx'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { BindingView } from '#server/domain/views.ts'

/** One request as an approver first meets it; the plan is one click further. */
export function RequestCard({ binding }: { binding: BindingView }) {
  const t = useTranslations('approvals.card')
  const { asked } = binding
  return (
    <article className="grid gap-3 rounded-card border border-line bg-surface p-5">
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h2 className="font-semibold">
            {t('title', {
              who: binding.requestedBy ?? t('someone'),
              namespace: binding.namespace,
              service: asked.modelService.name,
            })}
          </h2>
          <p className="text-[0.9rem] text-muted">
            <Timestamp at={binding.createdAt} />
          </p>
        </div>
        <BindingBadge binding={binding} />
      </header>
      <p className="max-w-[75ch] break-words whitespace-pre-wrap">{asked.justification}</p>
      <Facts>
        <Fact name={t('duration')}>{t('days', { days: asked.durationDays })}</Fact>
        <Fact name={t('quota')}>
          <QuotaText quota={asked.quota} />
        </Fact>
        <Fact name={t('strategy')}>{asked.strategy}</Fact>
      </Facts>
      <div>
        <Button asChild look="primary">
          <Link href={`/bindings/${binding.namespace}/${binding.name}`}>{t('review')}</Link>
        </Button>
      </div>
    </article>
  )
}

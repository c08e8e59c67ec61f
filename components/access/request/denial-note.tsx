'use client'
import { useTranslations } from 'next-intl'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { Decision } from '#server/access/model/model-binding.ts'

/** Why it was denied last: who asks again should answer that. */
export function DenialNote({ denial }: { denial: Decision }) {
  const t = useTranslations('access.denial')
  return (
    <section
      aria-label={t('label')}
      className="grid gap-1 rounded-card border border-bad bg-bad-soft px-4 py-3"
    >
      <p className="font-medium text-bad">
        {t('by', { by: denial.by })}{' '}
        <span className="font-normal">
          <Timestamp at={denial.at} />
        </span>
      </p>
      <p className="break-words whitespace-pre-wrap">
        {denial.comment ? `“${denial.comment}”` : t('unsaid')}
      </p>
      <p className="text-[0.9rem] text-muted">{t('next')}</p>
    </section>
  )
}

'use client'
import { useQuery } from '@tanstack/react-query'
import { ShieldAlert } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { servicesQuery } from '#components/data/queries.ts'
import { networkCondition } from '#server/serving/model/model-service.ts'

/** Says to those who decide that one of the two walls around the model is not there; nothing where it is. */
export function NetworkNotice() {
  const t = useTranslations('approvals.network')
  const { data } = useQuery(servicesQuery())
  const open = (data ?? []).filter(({ conditions }) =>
    conditions.some(({ type, status }) => type === networkCondition && status === 'False'),
  )
  if (open.length === 0) return null
  return (
    <div role="status" className="mb-4 flex gap-3 rounded-card bg-warn-soft px-4 py-3">
      <ShieldAlert size={20} aria-hidden className="mt-0.5 shrink-0 text-warn" />
      <div>
        <p className="font-semibold text-warn">{t('title')}</p>
        <p className="max-w-[80ch]">{t('text')}</p>
      </div>
    </div>
  )
}

'use client'
import { useFormatter, useTranslations } from 'next-intl'
import type { Quota } from '#server/access/model/quota.ts'

export function QuotaText({ quota }: { quota: Quota }) {
  const t = useTranslations('access.quota')
  const format = useFormatter()
  return (
    <span className="tabular-nums">
      {t('summary', {
        requests: format.number(quota.requestsPerMinute),
        tokens: format.number(quota.tokensPerDay),
        concurrency: format.number(quota.concurrency),
      })}
    </span>
  )
}

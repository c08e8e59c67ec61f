'use client'
import { useQuery } from '@tanstack/react-query'
import { useFormatter, useTranslations } from 'next-intl'
import { bindingUsageQuery } from '#components/data/access-queries.ts'
import { useFailureWords } from '#components/ui/error-words.ts'
import type { BindingView } from '#server/access/views/binding.ts'

/** What was used today of the day's tokens, and in the last week; the day of a quota begins at midnight UTC. */
export function UsageLine({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.usage')
  const format = useFormatter()
  const failureWords = useFailureWords()
  const { data, error } = useQuery(bindingUsageQuery(binding.namespace, binding.name))
  const perDay = binding.granted?.quota.tokensPerDay ?? 0
  if (error) {
    const why = failureWords(error, error.message)
    return <p className="text-[0.9rem] text-muted">{t('unknown', { why })}</p>
  }
  if (!data) return <p className="text-[0.9rem] text-muted">{t('loading')}</p>
  const share = perDay > 0 ? data.today.tokens / perDay : 0
  return (
    <div className="grid gap-2 text-[0.9rem] tabular-nums">
      <p>
        {t('today', {
          tokens: format.number(data.today.tokens),
          share: format.number(share, { style: 'percent', maximumFractionDigits: 1 }),
          requests: data.today.requests,
        })}
      </p>
      <span aria-hidden className="h-1.5 w-full overflow-hidden rounded-full bg-raised">
        <span
          className={`block h-full ${share >= 1 ? 'bg-bad' : share >= 0.8 ? 'bg-warn' : 'bg-accent'}`}
          style={{ width: `${Math.min(1, share) * 100}%` }}
        />
      </span>
      <p className="text-muted">
        {t('week', {
          tokens: format.number(data.week.tokens),
          requests: data.week.requests,
        })}
      </p>
    </div>
  )
}

'use client'
import { useFormatter, useTranslations } from 'next-intl'

/** How much of the token budget is used, and by what: thought first, then the answer. */
export function TokenBudget({
  thought,
  used,
  max,
  growing,
}: {
  thought: number
  used: number
  max: number
  growing: boolean
}) {
  const t = useTranslations('playground.numbers')
  const format = useFormatter()
  const share = (tokens: number) => `${Math.min(100, (tokens / max) * 100)}%`
  const scarce = used > 0.9 * max
  const said = t('ofBudget', { used: format.number(used), max: format.number(max) })
  return (
    <div className="grid gap-1">
      <meter className="sr-only" aria-label={t('budget')} max={max} value={used} />
      <div aria-hidden className="flex h-1.5 overflow-hidden rounded-full bg-raised">
        <div className="bg-line-strong" style={{ width: share(Math.min(thought, used)) }} />
        <div
          className={scarce ? 'bg-warn' : 'bg-accent'}
          style={{ width: share(Math.max(0, used - thought)) }}
        />
      </div>
      <p
        className={`text-[0.87rem] tabular-nums ${scarce && growing ? 'text-warn' : 'text-muted'}`}
      >
        {said}
        {scarce && growing ? ` · ${t('scarce')}` : null}
      </p>
    </div>
  )
}

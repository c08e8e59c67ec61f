'use client'
import { useFormatter, useTranslations } from 'next-intl'
import type { GenerationUsage } from '#server/domain/stream-events.ts'

/** TTFT, decode rate and tokens, as measured by the server for this very answer. */
export function AnswerNumbers({
  usage,
  maxTokens,
  growing,
}: {
  usage?: GenerationUsage
  maxTokens: number
  growing: boolean
}) {
  const t = useTranslations('playground.numbers')
  const format = useFormatter()
  if (!usage) return null
  const used = Math.min(1, usage.completionTokens / maxTokens)
  const numbers = [
    usage.ttftMs !== undefined && {
      name: t('ttft'),
      value: t('ms', { value: Math.round(usage.ttftMs) }),
    },
    usage.decodeRate !== undefined && {
      name: t('rate'),
      value: t('perSecond', {
        value: format.number(usage.decodeRate, { maximumFractionDigits: 1 }),
      }),
    },
    { name: t('tokens'), value: format.number(usage.completionTokens) },
    usage.promptTokens > 0 && { name: t('prompt'), value: format.number(usage.promptTokens) },
  ].filter((entry) => entry !== false)
  return (
    <section aria-label={t('label')} className="grid gap-2">
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        {numbers.map(({ name, value }) => (
          <div key={name}>
            <dt className="text-[0.87rem] text-muted">{name}</dt>
            <dd className="text-[1.25rem] leading-tight font-semibold tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <div aria-hidden className="h-1.5 rounded-full bg-raised">
        <div
          className={`h-1.5 rounded-full ${used > 0.9 ? 'bg-warn' : growing ? 'bg-accent' : 'bg-line-strong'}`}
          style={{ width: `${used * 100}%` }}
        />
      </div>
      <p className="text-[0.87rem] text-muted tabular-nums">
        {t('ofBudget', {
          used: format.number(usage.completionTokens),
          max: format.number(maxTokens),
        })}
      </p>
    </section>
  )
}

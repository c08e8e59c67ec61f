'use client'
import { useFormatter, useTranslations } from 'next-intl'
import { memo } from 'react'
import type { GenerationUsage } from '#server/platform/inference/model/generation-usage.ts'
import { TokenBudget } from './token-budget.tsx'

/** Waits, decode rate and tokens, as measured by the server for this very answer; nothing else is claimed. */
export const AnswerNumbers = memo(function AnswerNumbers({
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
  const { ttftMs, queueMs, promptMs, decodeRate, ignored = [] } = usage
  const { completionTokens, reasoningTokens, promptTokens } = usage
  const said = (name: string) =>
    name === 'top_k' || name === 'repetition_penalty' || name === 'repetition_detection'
      ? t(`parameter.${name}`)
      : name
  const ms = (value: number) => t('ms', { value: Math.round(value) })
  const numbers = [
    ttftMs !== undefined && { name: t('ttft'), value: ms(ttftMs), hint: t('ttftHint') },
    // Only as the engine says: when its headers come says nothing of its queue.
    queueMs !== undefined && { name: t('inQueue'), value: ms(queueMs), hint: t('inQueueHint') },
    promptMs !== undefined && {
      name: t('promptTime'),
      value: ms(promptMs),
      hint: t('promptTimeHint'),
    },
    decodeRate !== undefined && {
      name: t('rate'),
      value: t('perSecond', { value: format.number(decodeRate, { maximumFractionDigits: 1 }) }),
    },
    reasoningTokens !== undefined && {
      name: t('thought'),
      value: format.number(reasoningTokens),
    },
    reasoningTokens !== undefined && {
      name: t('answer'),
      value: format.number(Math.max(0, completionTokens - reasoningTokens)),
    },
    reasoningTokens === undefined && { name: t('tokens'), value: format.number(completionTokens) },
    promptTokens > 0 && { name: t('prompt'), value: format.number(promptTokens) },
  ].filter((entry) => entry !== false)
  return (
    <div className="@container grid gap-2 hall:hidden">
      <dl
        className={`grid break-inside-avoid grid-cols-2 gap-x-4 gap-y-2 ${
          // None stands alone in a row of its own.
          numbers.length > 6 ? '@sm:grid-cols-4' : '@sm:grid-cols-3 @2xl:grid-cols-6'
        }`}
      >
        {numbers.map(({ name, value, ...more }) => (
          <div key={name} title={'hint' in more ? more.hint : undefined}>
            <dt className="text-[0.87rem] text-muted">{name}</dt>
            <dd className="text-[1.25rem] leading-tight font-semibold tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      <TokenBudget
        thought={reasoningTokens ?? 0}
        used={completionTokens}
        max={maxTokens}
        growing={growing}
      />
      {ignored.length > 0 ? (
        <p className="text-[0.87rem] text-warn">
          {t('ignored', { names: ignored.map((name) => said(name)).join(', ') })}
        </p>
      ) : null}
      {usage.estimated && !growing ? (
        <p className="text-[0.87rem] text-muted">{t('estimated')}</p>
      ) : null}
    </div>
  )
})

'use client'
import { useFormatter, useTranslations } from 'next-intl'
import { type EngineSeen, engineDifferences } from '#server/serving/model/engine-facts.ts'

/** What an engine says of itself, whether it answers, and where it is another than the ModelService says. */
export function EngineSeenFacts({
  seen,
  stated,
}: {
  seen: EngineSeen
  /** By the ModelService; without it nothing is compared. */
  stated?: { model: string; contextTokens: number }
}) {
  const t = useTranslations('models.engines.seen')
  const format = useFormatter()
  const { state, facts, replaced } = seen
  const differences = facts && stated ? engineDifferences(facts, stated) : []
  return (
    <>
      {replaced ? <span className="block text-muted">{t('replaced')}</span> : null}
      {state === 'answers' ? null : <span className="block text-warn">{t(`state.${state}`)}</span>}
      {facts ? (
        <span className="block break-words text-muted">
          {t(`kind.${facts.kind}`)} · {facts.models.slice(0, 3).join(', ')}
          {facts.contextTokens === undefined
            ? null
            : ` · ${t('context', { tokens: format.number(facts.contextTokens) })}`}
        </span>
      ) : null}
      {differences.map((difference) => (
        <span key={difference} className="block text-warn">
          {t(`differs.${difference}`, {
            tokens: format.number(stated?.contextTokens ?? 0),
            model: stated?.model ?? '',
          })}
        </span>
      ))}
    </>
  )
}

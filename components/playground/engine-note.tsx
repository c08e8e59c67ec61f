'use client'
import { useTranslations } from 'next-intl'
import type { BindingView } from '#server/access/views/binding.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'

/** Says so where another than the model answers: the demo's solver, or a server in the engine's place. */
export function EngineNote({
  service,
  binding,
}: {
  service: ModelServiceView
  binding: BindingView
}) {
  const t = useTranslations('playground.engine')
  const ring = binding.granted?.ring ?? 'stable'
  const seen = service.engines.find((engine) => engine.ring === ring)?.seen
  const { facts } = seen ?? {}
  const isOther = facts && facts.models.length > 0 && !facts.models.includes(service.model)
  if (facts?.kind !== 'demo' && !isOther) return null
  return (
    <p role="note" className="rounded-card bg-warn-soft px-4 py-2 text-warn hall:hidden">
      {facts?.kind === 'demo'
        ? t('demo', { model: service.displayName })
        : t('other', { model: service.displayName, served: facts?.models[0] ?? '' })}
    </p>
  )
}

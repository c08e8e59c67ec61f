'use client'
import { useTranslations } from 'next-intl'
import type { Preset } from '#server/serving/model/model-service.ts'

export function PresetList({ presets }: { presets: Preset[] }) {
  const t = useTranslations('models.presets')
  return (
    <ul className="grid gap-4">
      {presets.map((preset) => (
        <li key={preset.name} className="grid gap-1">
          <p className="font-medium">{preset.title}</p>
          <p className="text-muted">{preset.description}</p>
          <p className="rounded-lg bg-raised px-3 py-2 font-mono text-[0.87rem] break-words">
            {preset.systemPrompt || <span className="text-muted">{t('noSystemPrompt')}</span>}
          </p>
          <p className="text-[0.87rem] text-muted tabular-nums">
            {t('sampling', {
              temperature: preset.sampling.temperature,
              topP: preset.sampling.topP,
              topK: preset.sampling.topK,
              maxTokens: preset.sampling.maxTokens,
            })}
          </p>
        </li>
      ))}
    </ul>
  )
}

'use client'
import { useTranslations } from 'next-intl'
import { Badge, type Tone } from '#components/ui/badge.tsx'
import type { BindingState, BindingView } from '#server/domain/views.ts'

const tones: Record<BindingState, Tone> = {
  preparing: 'neutral',
  requested: 'accent',
  denied: 'bad',
  provisioning: 'accent',
  ready: 'good',
  failed: 'bad',
  ending: 'warn',
  ended: 'neutral',
}

const underWay: BindingState[] = ['preparing', 'provisioning', 'ending']

export function BindingBadge({ binding }: { binding: Pick<BindingView, 'state' | 'pending'> }) {
  const t = useTranslations('access.state')
  return (
    <span className="inline-flex flex-wrap gap-1.5">
      <Badge tone={tones[binding.state]} live={underWay.includes(binding.state)}>
        {t(binding.state)}
      </Badge>
      {binding.pending && binding.state === 'ready' ? (
        <Badge tone="accent">{t('change')}</Badge>
      ) : null}
    </span>
  )
}

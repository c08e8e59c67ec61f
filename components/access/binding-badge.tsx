'use client'
import { useTranslations } from 'next-intl'
import { Badge, type Tone } from '#components/ui/badge.tsx'
import type { BindingState, BindingView } from '#server/access/views/binding.ts'
import { type Trouble, troublesOf } from './troubles.ts'

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

const troubleTones: Record<Trouble, Tone> = {
  drifted: 'warn',
  stale: 'warn',
  expiring: 'warn',
  heldUp: 'bad',
}

/** The state in a word, what is asked beside it, and what somebody should look at. */
export function BindingBadge({ binding }: { binding: BindingView }) {
  const t = useTranslations('access.state')
  return (
    <span className="inline-flex flex-wrap gap-1.5">
      <Badge tone={tones[binding.state]} live={underWay.includes(binding.state)}>
        {t(binding.state)}
      </Badge>
      {binding.pending && binding.state === 'ready' ? (
        <Badge tone="accent">{t('change')}</Badge>
      ) : null}
      {troublesOf(binding).map((trouble) => (
        <Badge key={trouble} tone={troubleTones[trouble]}>
          {t(trouble)}
        </Badge>
      ))}
    </span>
  )
}

'use client'
import { useTranslations } from 'next-intl'
import { Badge, type Tone } from '#components/ui/badge.tsx'
import type { RunState } from '#server/runs/views/run.ts'

const tones: Record<RunState, Tone> = {
  pending: 'neutral',
  running: 'accent',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'warn',
  'timed-out': 'bad',
}

export function RunBadge({ state, sealed }: { state: RunState; sealed?: boolean }) {
  const t = useTranslations('runs.state')
  return (
    <Badge tone={tones[state]} live={state === 'running'}>
      {state === 'pending' && !sealed ? t('unstarted') : t(state)}
    </Badge>
  )
}

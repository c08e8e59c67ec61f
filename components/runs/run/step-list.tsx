'use client'
import { useNow, useTranslations } from 'next-intl'
import { barOf, durationMs, durationText } from '#components/runs/durations.ts'
import { Badge, type Tone } from '#components/ui/badge.tsx'
import { classes } from '#components/ui/classes.ts'
import type { RunView, StepView } from '#server/runs/views/run.ts'

const tones: Record<StepView['state'], Tone> = {
  pending: 'neutral',
  waiting: 'neutral',
  running: 'accent',
  succeeded: 'good',
  failed: 'bad',
  continued: 'warn',
  skipped: 'neutral',
  cancelled: 'warn',
}

const bars: Record<StepView['state'], string> = {
  pending: 'bg-line',
  waiting: 'bg-line',
  running: 'bg-accent animate-pulse-soft',
  succeeded: 'bg-good',
  failed: 'bg-bad',
  continued: 'bg-warn',
  skipped: 'bg-line',
  cancelled: 'bg-warn',
}

/** The steps in their order, with their states and, on one time axis, how long each took. */
export function StepList({
  run,
  selected,
  onSelect,
}: {
  run: Pick<RunView, 'steps' | 'startedAt' | 'finishedAt'>
  selected?: string
  onSelect?: (step: string | undefined) => void
}) {
  const t = useTranslations('runs')
  const now = useNow({ updateInterval: 1000 })
  if (run.steps.length === 0) {
    return <p className="text-muted">{t(run.finishedAt ? 'noStepBegan' : 'noSteps')}</p>
  }
  return (
    <ol className="grid gap-1" aria-label={t('steps')}>
      {run.steps.map((step) => {
        const ms = durationMs(step, now)
        const bar = barOf(step, run, now)
        const chosen = selected === step.name
        const row = (
          <>
            <span className="font-mono text-[0.93rem] font-medium break-all">{step.name}</span>
            <span>
              <Badge tone={tones[step.state]} live={step.state === 'running'}>
                {t(`stepState.${step.state}`)}
                {step.exitCode ? ` · ${t('exit', { code: step.exitCode })}` : ''}
              </Badge>
            </span>
            <span className="relative hidden h-2 rounded-full bg-raised sm:block" aria-hidden>
              {bar ? (
                <span
                  className={classes('absolute h-2 min-w-1 rounded-full', bars[step.state])}
                  style={{ left: `${bar.from * 100}%`, width: `${bar.width * 100}%` }}
                />
              ) : null}
            </span>
            <span
              className="text-right text-[0.9rem] text-muted tabular-nums"
              suppressHydrationWarning
            >
              {ms === undefined ? '' : durationText(ms)}
            </span>
          </>
        )
        const layout =
          'grid w-full grid-cols-[1fr_auto_auto] items-center gap-3 rounded-lg px-2 py-1.5 text-left sm:grid-cols-[minmax(8rem,14rem)_11.5rem_1fr_6rem]'
        return (
          <li key={step.name}>
            {onSelect ? (
              <button
                type="button"
                aria-pressed={chosen}
                onClick={() => onSelect(chosen ? undefined : step.name)}
                className={classes(layout, chosen ? 'bg-accent-soft' : 'hover:bg-raised')}
              >
                {row}
              </button>
            ) : (
              <div className={layout}>{row}</div>
            )}
            {step.state === 'continued' ? (
              <p className="px-2 pb-1 text-[0.9rem] text-muted">{t('continuedHint')}</p>
            ) : null}
            {step.state === 'waiting' && step.message ? (
              <p className="px-2 pb-1 text-[0.9rem] break-words text-warn">
                {step.reason}: {step.message}
              </p>
            ) : null}
          </li>
        )
      })}
    </ol>
  )
}

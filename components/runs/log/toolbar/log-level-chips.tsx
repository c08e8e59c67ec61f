'use client'
import { useTranslations } from 'next-intl'
import { type Level, levels } from '#components/runs/log/log-level.ts'
import { classes } from '#components/ui/classes.ts'

const tones: Record<Level, string> = {
  error: 'text-bad',
  warn: 'text-warn',
  info: 'text-ink',
  debug: 'text-muted',
}

/** The levels that occur, with how many lines have each; those that are pressed are shown alone. */
export function LogLevelChips({
  counts,
  chosen,
  onChosen,
}: {
  counts: Readonly<Record<Level, number>>
  chosen: readonly Level[]
  onChosen: (levels: Level[]) => void
}) {
  const t = useTranslations('runs.log')
  const shown = levels.filter((level) => counts[level] > 0 || chosen.includes(level))
  if (shown.length === 0) return null
  return (
    <fieldset className="flex flex-wrap gap-1" aria-label={t('levels')}>
      {shown.map((level) => {
        const on = chosen.includes(level)
        return (
          <button
            key={level}
            type="button"
            aria-pressed={on}
            onClick={() =>
              onChosen(levels.filter((one) => (one === level ? !on : chosen.includes(one))))
            }
            className={classes(
              'h-7 rounded-full border px-2.5 text-[0.82rem] font-medium tabular-nums',
              tones[level],
              on ? 'border-current bg-accent-soft' : 'border-line hover:bg-raised',
            )}
          >
            {t(`level.${level}`, { count: counts[level] })}
          </button>
        )
      })}
    </fieldset>
  )
}

import type { ReactNode } from 'react'
import { classes } from './classes.ts'

export type Tone = 'neutral' | 'accent' | 'good' | 'warn' | 'bad'

const tones: Record<Tone, string> = {
  neutral: 'bg-raised text-muted',
  accent: 'bg-accent-soft text-accent-strong',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
}

/** A state in one word. `live` adds a dot that breathes while something is under way. */
export function Badge({
  tone = 'neutral',
  live,
  children,
}: {
  tone?: Tone
  live?: boolean
  children: ReactNode
}) {
  return (
    <span
      className={classes(
        'inline-flex items-center gap-1.5 rounded-full outline-1 -outline-offset-1 outline-transparent px-2.5 py-0.5 text-[0.82rem] font-medium whitespace-nowrap',
        tones[tone],
      )}
    >
      <span
        aria-hidden
        className={classes(
          'size-1.5 rounded-full bg-current forced-color-adjust-none',
          live && 'animate-pulse-soft',
        )}
      />
      {children}
    </span>
  )
}

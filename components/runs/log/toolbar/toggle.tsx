import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'

/** A button that is on or off; its name says what is on. */
export function Toggle({
  on,
  onChange,
  label,
  children,
}: {
  on: boolean
  onChange: (on: boolean) => void
  label: string
  children: ReactNode
}) {
  return (
    <Button
      look="quiet"
      size="small"
      aria-pressed={on}
      aria-label={label}
      title={label}
      onClick={() => onChange(!on)}
      className={classes('px-2', on && 'bg-accent-soft text-accent-strong')}
    >
      {children}
    </Button>
  )
}

import { type ReactNode, useId } from 'react'
import { classes } from './classes.ts'

/** A titled part of a page: a landmark for screen readers, a card for the eye. */
export function Panel({
  title,
  actions,
  children,
  flush,
  className,
}: {
  title?: ReactNode
  actions?: ReactNode
  children: ReactNode
  /** Content reaches the card's edges: tables and logs. */
  flush?: boolean
  className?: string
}) {
  const titleId = useId()
  return (
    <section
      aria-labelledby={title ? titleId : undefined}
      className={classes('min-w-0 rounded-card border border-line bg-surface', className)}
    >
      {title ? (
        <header className="flex flex-wrap items-center justify-between gap-2 min-h-12 border-b border-line px-4 py-2">
          <h2 id={titleId} className="font-semibold">
            {title}
          </h2>
          {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
        </header>
      ) : null}
      <div className={flush ? 'overflow-hidden rounded-b-card' : 'p-4'}>{children}</div>
    </section>
  )
}

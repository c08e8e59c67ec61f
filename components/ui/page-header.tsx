import type { ReactNode } from 'react'

export function PageHeader({
  title,
  badge,
  lead,
  actions,
}: {
  title: ReactNode
  badge?: ReactNode
  lead?: ReactNode
  actions?: ReactNode
}) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 max-w-[75ch]">
        <div className="flex flex-wrap items-center gap-3">
          <h1 className="text-[1.6rem] leading-tight font-semibold tracking-tight break-words">
            {title}
          </h1>
          {badge}
        </div>
        {lead ? <p className="mt-1.5 text-muted">{lead}</p> : null}
      </div>
      {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
    </header>
  )
}

import type { ReactNode } from 'react'

/** Nothing is here yet: says so, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-2 px-6 py-12 text-center">
      <p className="font-semibold">{title}</p>
      {children ? <div className="max-w-[55ch] text-muted">{children}</div> : null}
    </div>
  )
}

import type { ReactNode } from 'react'

/** Nothing is here yet: says so, and what to do next. */
export function Empty({
  title,
  page,
  children,
}: {
  title: string
  /** It is all that the page has to say: its title is the page's. */
  page?: boolean
  children?: ReactNode
}) {
  const Title = page ? 'h1' : 'p'
  return (
    <div className="grid justify-items-center gap-2 px-6 py-12 text-center">
      <Title className={page ? 'text-xl font-semibold' : 'font-semibold'}>{title}</Title>
      {children ? <div className="max-w-[55ch] text-muted">{children}</div> : null}
    </div>
  )
}

'use client'
import { PageCrashed } from '#components/shell/page-crashed.tsx'

/** The frame stays: the other pages are still a click away. */
export default function PageError({ reset }: { reset: () => void }) {
  return <PageCrashed reset={reset} />
}

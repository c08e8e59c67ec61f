'use client'
import { PageCrashed } from '#components/shell/page-crashed.tsx'

export default function RootError({ reset }: { reset: () => void }) {
  return (
    <main className="grid min-h-dvh place-items-center">
      <PageCrashed reset={reset} />
    </main>
  )
}

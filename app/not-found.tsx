import { PageMissing } from '#components/shell/page-missing.tsx'

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <PageMissing />
    </main>
  )
}

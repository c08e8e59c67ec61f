import { PageMissing } from '#components/shell/page-missing.tsx'

/** The frame stays: the other pages are still a click away. */
export default function NotFound() {
  return <PageMissing />
}

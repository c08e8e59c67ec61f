import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ApprovalsPage } from '#components/admin/approvals-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('approvals'))('title') }
}

export default function Page() {
  return <ApprovalsPage />
}

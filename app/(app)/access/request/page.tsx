import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { RequestPage } from '#components/access/request/request-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('access.request'))('title') }
}

export default function Page() {
  return <RequestPage />
}

import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { AccessPage } from '#components/access/access-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('access'))('title') }
}

export default function Page() {
  return <AccessPage />
}

import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { RingsPage } from '#components/rings/rings-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('rings'))('title') }
}

export default function Page() {
  return <RingsPage />
}

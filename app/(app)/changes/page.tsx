import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { ChangesPage } from '#components/models/changes-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('changes'))('title') }
}

export default function Page() {
  return <ChangesPage />
}

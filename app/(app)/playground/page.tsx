import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { PlaygroundPage } from '#components/playground/playground-page.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('playground'))('title') }
}

export default function Page() {
  return <PlaygroundPage />
}

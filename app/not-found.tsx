import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'

export default async function NotFound() {
  const t = await getTranslations('shell.notFound')
  return (
    <main className="grid min-h-dvh place-items-center">
      <Empty title={t('title')} page>
        <p className="mb-4">{t('text')}</p>
        <Button asChild>
          <Link href="/access">{t('back')}</Link>
        </Button>
      </Empty>
    </main>
  )
}

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'

/** In the place of a page that there is not. */
export function PageMissing() {
  const t = useTranslations('shell.notFound')
  return (
    <Empty title={t('title')} page>
      <p className="mb-4">{t('text')}</p>
      <Button asChild>
        <Link href="/access">{t('back')}</Link>
      </Button>
    </Empty>
  )
}

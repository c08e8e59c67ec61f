'use client'
import { useTranslations } from 'next-intl'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'

/** In the place of a page that broke while it was drawn. */
export function PageCrashed({ reset }: { reset: () => void }) {
  const t = useTranslations('shell.crashed')
  return (
    <Empty title={t('title')} page>
      <p className="mb-4">{t('text')}</p>
      <Button onClick={reset}>{t('again')}</Button>
    </Empty>
  )
}

'use client'
import { useTranslations } from 'next-intl'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'

export default function PageError({ reset }: { reset: () => void }) {
  const t = useTranslations('shell.crashed')
  return (
    <main className="grid min-h-dvh place-items-center">
      <Empty title={t('title')} page>
        <p className="mb-4">{t('text')}</p>
        <Button onClick={reset}>{t('again')}</Button>
      </Empty>
    </main>
  )
}

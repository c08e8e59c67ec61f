'use client'
import { useTranslations } from 'next-intl'
import { Button } from './button.tsx'

/** Where one is in a list that is shown in parts, newest first. */
export function Pages({
  page,
  pages,
  onPage,
}: {
  page: number
  pages: number
  onPage: (page: number) => void
}) {
  const t = useTranslations('ui.pages')
  return (
    <nav aria-label={t('label')} className="flex items-center gap-3">
      <Button size="small" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        {t('newer')}
      </Button>
      <span className="text-muted tabular-nums">{t('page', { page, pages })}</span>
      <Button size="small" disabled={page >= pages} onClick={() => onPage(page + 1)}>
        {t('older')}
      </Button>
    </nav>
  )
}

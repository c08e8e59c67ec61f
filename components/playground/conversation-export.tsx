'use client'
import { Download } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { pathOf } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { exportFormats } from '#server/domain/playground/conversation-views.ts'

/** The branch that is shown, as files to keep; JSON holds all branches. */
export function ConversationExport({
  conversation,
  answer,
}: {
  conversation: string
  answer?: string
}) {
  const t = useTranslations('conversations.export')
  return (
    <nav
      aria-label={t('label')}
      className="flex flex-wrap items-center gap-1 hall:hidden print:hidden"
    >
      <Download size={15} aria-hidden className="text-muted" />
      <span className="text-[0.87rem] text-muted">{t('label')}</span>
      {exportFormats.map((format) => {
        const query = new URLSearchParams({ format, ...(answer ? { answer } : {}) })
        return (
          <Button key={format} asChild size="small" look="quiet">
            <a href={`${pathOf('conversations', conversation, 'export')}?${query}`} download>
              {t(format)}
            </a>
          </Button>
        )
      })}
    </nav>
  )
}

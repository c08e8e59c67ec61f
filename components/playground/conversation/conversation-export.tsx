'use client'
import { useMutation } from '@tanstack/react-query'
import { Download, Printer } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { exportPath, printConversation, saveExport } from '#components/playground/mutations.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { exportFormats } from '#server/playground/views/conversation-views.ts'

/** The branch that is shown, as files to keep; JSON holds all branches. */
export function ConversationExport({
  conversation,
  answer,
}: {
  conversation: string
  answer?: string
}) {
  const t = useTranslations('conversations.export')
  const save = useMutation(saveExport(conversation, answer))
  const { variables: last } = save
  const onPaper = useMutation(printConversation())
  const { mutate: print } = onPaper

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { ctrlKey, metaKey, altKey, shiftKey, key } = event
      if (key.toLowerCase() !== 'p' || altKey || shiftKey || ctrlKey === metaKey) return
      event.preventDefault()
      print()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [print])

  return (
    <div className="grid gap-2 hall:hidden print:hidden">
      <nav aria-label={t('label')} className="flex flex-wrap items-center gap-1">
        <Download size={15} aria-hidden className="text-muted" />
        <span className="text-[0.87rem] text-muted">{t('label')}</span>
        {exportFormats.map((format) => (
          <Button
            key={format}
            asChild
            size="small"
            look="quiet"
            busy={save.isPending && format === last}
          >
            <a
              // For whoever wants the address, or has it kept by the browser.
              href={exportPath(conversation, answer, format)}
              download
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return
                event.preventDefault()
                save.mutate(format)
              }}
            >
              {t(format)}
            </a>
          </Button>
        ))}
        <Button size="small" look="quiet" busy={onPaper.isPending} onClick={() => print()}>
          <Printer size={15} aria-hidden />
          {t('print')}
        </Button>
      </nav>
      {onPaper.error ? <ErrorNote error={onPaper.error} onRetry={() => print()} /> : null}
      {save.error && last ? (
        <ErrorNote error={save.error} onRetry={() => save.mutate(last)}>
          <p>{t('notSaved', { format: t(last) })}</p>
        </ErrorNote>
      ) : null}
    </div>
  )
}

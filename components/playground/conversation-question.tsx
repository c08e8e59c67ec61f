'use client'
import { useMutation } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { TextArea } from '#components/ui/field.tsx'
import type {
  AskedView,
  QuestionView,
  Variant,
} from '#server/domain/playground/conversation-views.ts'
import { askModel } from './mutations.ts'

const TypesetQuestion = dynamic(() =>
  import('./typeset-question.tsx').then((m) => m.TypesetQuestion),
)

const mayHoldFormulas = /[$\\]/

/** A question, and the same place asked anew in other words: the old branch stays beside the new one. */
export function ConversationQuestion({
  question,
  conversation,
  variants,
  branches,
  onAsked,
}: {
  question: QuestionView
  conversation: string
  /** How it was asked, and will be again. */
  variants: Variant[]
  branches: ReactNode
  onAsked: (asked: AskedView) => void
}) {
  const t = useTranslations('conversations.question')
  const [edited, setEdited] = useState<string>()
  const ask = useMutation({
    ...askModel(),
    onSuccess: (asked) => {
      setEdited(undefined)
      onAsked(asked)
    },
  })

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!edited?.trim() || ask.isPending) return
    ask.mutate({ conversation, question: { text: edited, after: question.after }, variants })
  }

  return (
    <section className="rounded-card bg-raised px-4 py-3">
      <h2 className="sr-only">{t('label')}</h2>
      {edited === undefined ? (
        mayHoldFormulas.test(question.text) ? (
          <TypesetQuestion text={question.text} />
        ) : (
          <p className="break-words whitespace-pre-wrap">{question.text}</p>
        )
      ) : (
        <form onSubmit={submit} className="grid gap-2">
          <TextArea
            aria-label={t('edit')}
            rows={4}
            value={edited}
            onChange={(event) => setEdited(event.target.value)}
          />
          {ask.error ? <ErrorNote error={ask.error} /> : null}
          <div className="flex flex-wrap gap-2">
            <Button type="submit" size="small" look="primary" busy={ask.isPending}>
              {t('askAgain')}
            </Button>
            <Button size="small" onClick={() => setEdited(undefined)}>
              {t('cancel')}
            </Button>
          </div>
        </form>
      )}
      {edited === undefined ? (
        <div className="mt-1 flex flex-wrap items-center gap-2 hall:hidden">
          <Button size="small" look="quiet" onClick={() => setEdited(question.text)}>
            <Pencil size={14} aria-hidden />
            {t('edit')}
          </Button>
          {branches}
        </div>
      ) : null}
    </section>
  )
}

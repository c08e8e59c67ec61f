'use client'
import { useMutation } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { type FormEvent, type KeyboardEvent, type ReactNode, useRef, useState } from 'react'
import { useQuestionDraft } from '#components/playground/composer/question-draft.ts'
import { askModel } from '#components/playground/mutations.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { TextArea } from '#components/ui/field.tsx'
import type {
  AskedView,
  QuestionView,
  Variant,
} from '#server/playground/views/conversation-views.ts'

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
  const { text: edited, setText: setEdited } = useQuestionDraft(`in the place of ${question.id}`)
  const [opened, setOpened] = useState(false)
  const editButton = useRef<HTMLButtonElement>(null)
  const editing = opened || edited !== ''
  const ask = useMutation({
    ...askModel(),
    onSuccess: (asked) => {
      close()
      onAsked(asked)
    },
  })

  function open() {
    setEdited(question.text)
    setOpened(true)
  }

  function close() {
    setEdited('')
    setOpened(false)
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!edited.trim() || ask.isPending) return
    ask.mutate({ conversation, question: { text: edited, after: question.after }, variants })
  }

  return (
    <section className="min-w-0 rounded-card bg-raised px-4 py-3">
      <h2 className="sr-only">{t('label')}</h2>
      {!editing ? (
        mayHoldFormulas.test(question.text) ? (
          <TypesetQuestion text={question.text} />
        ) : (
          <p className="wrap-anywhere whitespace-pre-wrap">{question.text}</p>
        )
      ) : (
        <form onSubmit={submit} className="grid gap-2">
          <TextArea
            // Whoever pressed the button that this takes the place of goes on here.
            autoFocus={opened}
            aria-label={t('edit')}
            rows={4}
            value={edited}
            onChange={(event) => {
              setOpened(true)
              setEdited(event.target.value)
            }}
            onKeyDown={onKeyDown}
          />
          {ask.error ? <ErrorNote error={ask.error} /> : null}
          <div className="flex flex-wrap gap-2">
            <Button type="submit" size="small" look="primary" busy={ask.isPending}>
              {t('askAgain')}
            </Button>
            <Button
              size="small"
              onClick={() => {
                close()
                requestAnimationFrame(() => editButton.current?.focus())
              }}
            >
              {t('cancel')}
            </Button>
          </div>
        </form>
      )}
      {!editing ? (
        <div className="mt-1 flex flex-wrap items-center gap-2 hall:hidden">
          <Button ref={editButton} size="small" look="quiet" onClick={open}>
            <Pencil size={14} aria-hidden />
            {t('edit')}
          </Button>
          {branches}
        </div>
      ) : null}
    </section>
  )
}

/** Escape here is not meant for an answer that is being written. */
function onKeyDown(event: KeyboardEvent) {
  if (event.key === 'Escape') event.preventDefault()
}

'use client'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useDeferredValue, useRef, useState } from 'react'
import { conversationsQuery } from '#components/data/conversation-queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { TextInput } from '#components/ui/field.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { ConversationEntry } from './conversation-entry.tsx'

const pageSize = 50

/** What this person asked before, newest first; searched in titles, questions and answers. */
export function ConversationList({
  current,
  onChoose,
  onNew,
}: {
  current?: string
  onChoose: (id: string) => void
  onNew: () => void
}) {
  const t = useTranslations('conversations.list')
  const [typed, setTyped] = useState('')
  const [limit, setLimit] = useState(pageSize)
  const searchBox = useRef<HTMLInputElement>(null)
  const search = useDeferredValue(typed.trim())
  const list = useQuery({
    ...conversationsQuery(search, limit),
    placeholderData: (before) => before,
  })
  const found = list.data ?? []
  return (
    <nav aria-label={t('title')} className="grid min-w-0 content-start gap-2">
      <Button onClick={onNew} className="justify-start">
        <Plus size={16} aria-hidden />
        {t('new')}
      </Button>
      <TextInput
        ref={searchBox}
        type="search"
        aria-label={t('search')}
        placeholder={t('search')}
        maxLength={200}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {list.error ? <ErrorNote error={list.error} onRetry={list.refetch} /> : null}
      {list.isPending ? <Skeleton rows={3} label={t('loading')} /> : null}
      {list.isSuccess && found.length === 0 ? (
        <p role="status" className="px-3 py-2 text-muted">
          {search ? t('nothingFound') : t('empty')}
        </p>
      ) : null}
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-0.5 xl:max-h-[70dvh] xl:overflow-y-auto">
        {found.map((conversation) => (
          <ConversationEntry
            key={conversation.id}
            conversation={conversation}
            current={conversation.id === current}
            onChoose={() => onChoose(conversation.id)}
            onDeleted={() => {
              if (conversation.id === current) onNew()
            }}
            onGone={() => searchBox.current?.focus()}
          />
        ))}
      </ul>
      {found.length === limit ? (
        <Button size="small" look="quiet" onClick={() => setLimit(limit + pageSize)}>
          {t('more')}
        </Button>
      ) : null}
    </nav>
  )
}

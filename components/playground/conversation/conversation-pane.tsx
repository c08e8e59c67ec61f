'use client'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { conversationsKey } from '#components/data/conversation-queries.ts'
import { branchOf } from '#server/playground/model/conversation-tree.ts'
import type { AskedView, ConversationView } from '#server/playground/views/conversation-views.ts'
import { ConversationExport } from './conversation-export.tsx'
import { type Asked, ConversationThread, shownAnswers } from './conversation-thread.tsx'
import { useFeed, useGrowing } from './use-feed.ts'

/** The branch that is looked at, and below it what goes on after it. */
export function ConversationPane({
  conversation,
  answer,
  columns,
  composer,
  ...acts
}: {
  conversation: ConversationView
  /** An answer on the branch; without it the newest. */
  answer?: string
  columns: boolean
  asked?: Asked
  onChoose: (answer: string) => void
  onColumns: (columns: boolean) => void
  onAsked: (asked: AskedView) => void
  composer: (after?: { answer: string; growing: boolean }) => ReactNode
}) {
  const turns = branchOf(conversation, answer)
  const client = useQueryClient()
  const shown = shownAnswers(turns, columns)
  const feed = useFeed(conversation.id, shown)
  const writing = useGrowing(feed, shown)
  const last = turns.at(-1)?.chosen
  const growing = useGrowing(feed, last ? [last.id] : [])

  // The list says how many answers are under way.
  useEffect(() => {
    if (!writing) void client.invalidateQueries({ queryKey: conversationsKey })
  }, [client, writing])

  return (
    <>
      <ConversationThread
        conversation={conversation}
        turns={turns}
        feed={feed}
        columns={columns}
        {...acts}
      />
      {last && !writing ? (
        <ConversationExport conversation={conversation.id} answer={last.id} />
      ) : null}
      {composer(last && { answer: last.id, growing })}
    </>
  )
}

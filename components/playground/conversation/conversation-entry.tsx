'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Pencil, Trash2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type FormEvent, useRef, useState } from 'react'
import { conversationQuery, conversationsKey } from '#components/data/conversation-queries.ts'
import { deleteConversation, renameConversation } from '#components/playground/mutations.ts'
import { Badge } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { classes } from '#components/ui/classes.ts'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { TextInput } from '#components/ui/field.tsx'
import { tellFailure } from '#components/ui/tell-failure.ts'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { ConversationSummary } from '#server/playground/views/conversation-views.ts'

/** One conversation of the list: to open, to rename, to delete. */
export function ConversationEntry({
  conversation,
  current,
  onChoose,
  onDeleted,
  onGone,
}: {
  conversation: ConversationSummary
  current: boolean
  onChoose: () => void
  onDeleted: () => void
  /** It has left the list, and the focus with it. */
  onGone: () => void
}) {
  const t = useTranslations('conversations.list')
  const [renaming, setRenaming] = useState(false)
  const renamed = useRef(false)
  const { title, updatedAt, running, found } = conversation
  if (renaming) {
    return (
      <li>
        <RenameForm
          conversation={conversation}
          onDone={() => {
            renamed.current = true
            setRenaming(false)
          }}
        />
      </li>
    )
  }
  return (
    <li
      className={classes(
        'group flex min-w-0 items-start rounded-lg',
        current ? 'bg-accent-soft' : 'hover:bg-raised',
      )}
    >
      <button
        type="button"
        aria-current={current ? 'true' : undefined}
        onClick={onChoose}
        className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)] px-3 py-2 text-left"
      >
        <span className="truncate">{title || t('untitled')}</span>
        {found ? <span className="line-clamp-2 text-[0.85rem] break-words">{found}</span> : null}
        <span className="flex flex-wrap items-center gap-x-2 text-[0.85rem] text-muted">
          <Timestamp at={updatedAt} />
          {running > 0 ? (
            <Badge tone="accent" live>
              {t('running', { count: running })}
            </Badge>
          ) : null}
        </span>
      </button>
      <div className="flex shrink-0 pt-1 pr-1 opacity-60 group-focus-within:opacity-100 group-hover:opacity-100">
        <Button
          // It comes back with the focus of the form that took its place.
          ref={(button) => {
            if (button && renamed.current) button.focus()
            renamed.current = false
          }}
          size="small"
          look="quiet"
          className="px-1.5"
          aria-label={t('rename', { title })}
          onClick={() => setRenaming(true)}
        >
          <Pencil size={14} aria-hidden />
        </Button>
        <DeleteButton conversation={conversation} onDeleted={onDeleted} onGone={onGone} />
      </div>
    </li>
  )
}

function RenameForm({
  conversation,
  onDone,
}: {
  conversation: ConversationSummary
  onDone: () => void
}) {
  const t = useTranslations('conversations.list')
  const client = useQueryClient()
  const [title, setTitle] = useState(conversation.title)
  const rename = useMutation({
    ...renameConversation(conversation.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: conversationsKey })
      await client.invalidateQueries(conversationQuery(conversation.id))
      onDone()
    },
    onError: () => tellFailure(t('renameFailed')),
  })

  function submit(event: FormEvent) {
    event.preventDefault()
    if (title.trim() !== '' && !rename.isPending) rename.mutate(title)
  }

  return (
    <form onSubmit={submit} className="flex gap-2 p-1.5">
      <TextInput
        autoFocus
        aria-label={t('title')}
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          event.preventDefault()
          onDone()
        }}
      />
      <Button type="submit" look="primary" busy={rename.isPending}>
        {t('save')}
      </Button>
    </form>
  )
}

function DeleteButton({
  conversation: { id, title },
  onDeleted,
  onGone,
}: {
  conversation: ConversationSummary
  onDeleted: () => void
  onGone: () => void
}) {
  const t = useTranslations('conversations.list')
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const remove = useMutation({
    ...deleteConversation(id),
    onSuccess: async () => {
      setOpen(false)
      onDeleted()
      client.removeQueries(conversationQuery(id))
      await client.invalidateQueries({ queryKey: conversationsKey })
      onGone()
    },
    onError: () => tellFailure(t('deleteFailed')),
  })
  return (
    <>
      <Button
        size="small"
        look="quiet"
        className="px-1.5"
        aria-label={t('deleteOf', { title })}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Trash2 size={14} aria-hidden />
      </Button>
      {open ? (
        <ConfirmDialog
          open
          onOpenChange={setOpen}
          title={t('deleteTitle')}
          action={t('delete')}
          busy={remove.isPending}
          onConfirm={() => remove.mutate()}
        >
          <p>{t('deleteText', { title })}</p>
        </ConfirmDialog>
      ) : null}
    </>
  )
}

'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Presentation } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { conversationQuery, conversationsKey } from '#components/data/conversation-queries.ts'
import { bindingsQuery, meQuery, servicesQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { useAddressQuery } from '#components/ui/use-address-query.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import type { AskedView } from '#server/playground/views/conversation-views.ts'
import { Composer } from './composer/composer.tsx'
import { ConversationList } from './conversation/conversation-list.tsx'
import { EngineNote } from './engine-note.tsx'
import { hallSizeOf } from './hall-size.ts'
import { NoBinding } from './no-binding.tsx'
import { withAsked } from './with-asked.ts'

const conversationPane = () =>
  import('./conversation/conversation-pane.tsx').then((m) => m.ConversationPane)
/** There is none to show at first: it comes after the page, and before there is an answer. */
const ConversationPane = dynamic(conversationPane)
/** Only a lecturer needs it. */
const HallView = dynamic(() => import('./hall-view.tsx').then((m) => m.HallView))

/** Asks the model that one was bound to. Binding, preset, conversation and branch stand in the address. */
export function PlaygroundPage() {
  const t = useTranslations('playground')
  const { search, go } = useAddressQuery()
  const client = useQueryClient()
  const bindings = useQuery(bindingsQuery())
  const services = useQuery(servicesQuery())
  const me = useQuery(meQuery())
  const hallSize = hallSizeOf(search.get('hall'))
  const id = search.get('conversation') ?? undefined
  const conversation = useQuery({ ...conversationQuery(id ?? ''), enabled: id !== undefined })

  const [lastAsked, setLastAsked] = useState<{ answer: string; joined: boolean }>()

  useEffect(() => void conversationPane(), [])

  function onAsked(asked: AskedView) {
    const key = conversationQuery(asked.conversation.id).queryKey
    client.setQueryData(key, (before) => withAsked(before, asked))
    const answer = asked.generations[0]?.id ?? ''
    setLastAsked({ answer, joined: asked.joined ?? false })
    // Whoever was faster may have gone on since.
    if (asked.joined) void client.invalidateQueries({ queryKey: key })
    void client.invalidateQueries({ queryKey: conversationsKey })
    go({
      conversation: asked.conversation.id,
      answer,
      view: asked.generations.length > 1 ? 'columns' : (search.get('view') ?? undefined),
    })
  }

  const error = bindings.error ?? services.error
  if (error) {
    return (
      <>
        <PageHeader title={t('title')} lead={t('lead')} />
        <ErrorNote
          error={error}
          onRetry={() => {
            for (const one of [bindings, services]) if (one.error) void one.refetch()
          }}
        />
      </>
    )
  }
  if (!bindings.data || !services.data) {
    return (
      <>
        <PageHeader title={t('title')} lead={id ? undefined : t('lead')} />
        <Skeleton rows={6} label={t('loading')} />
      </>
    )
  }

  const usable = bindings.data.filter(({ can }) => can.includes('use'))
  const binding = chosen(usable, search.get('binding'))
  const service = services.data.find(
    ({ namespace, name }) =>
      namespace === binding?.asked.modelService.namespace &&
      name === binding?.asked.modelService.name,
  )
  const composer = (after?: { answer: string; growing: boolean }) =>
    binding && service ? (
      <Composer
        key={`${service.id} ${id}`}
        binding={binding}
        bindings={usable}
        service={service}
        presetName={search.get('preset') ?? undefined}
        conversation={id}
        after={after?.answer}
        growing={after?.growing ?? false}
        unwatchedStopSeconds={me.data?.unwatchedStopSeconds}
        onBinding={(next) => go({ binding: next })}
        onPreset={(next) => go({ preset: next })}
        onAsked={onAsked}
      />
    ) : (
      <Panel>
        <NoBinding bindings={bindings.data} />
      </Panel>
    )
  return (
    <>
      <div className="hall:sr-only">
        <PageHeader
          title={t('title')}
          lead={id ? undefined : t('lead')}
          actions={
            <Button
              size="small"
              className="max-sm:hidden hall:hidden"
              onClick={() => go({ hall: '28' })}
            >
              <Presentation size={16} aria-hidden />
              {t('hall.enter')}
            </Button>
          }
        />
      </div>
      {hallSize ? (
        <HallView size={hallSize} onSize={(size) => go({ hall: size?.toString() })} />
      ) : null}
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_17rem] hall:block print:block">
        <div className="grid min-w-0 gap-6">
          {binding && service ? <EngineNote binding={binding} service={service} /> : null}
          {id === undefined ? (
            composer()
          ) : conversation.data ? (
            <ConversationPane
              key={id}
              conversation={conversation.data}
              answer={search.get('answer') ?? undefined}
              asked={lastAsked}
              columns={search.get('view') === 'columns'}
              onChoose={(answer) => go({ answer })}
              onColumns={(columns) => go({ view: columns ? 'columns' : undefined })}
              onAsked={onAsked}
              composer={composer}
            />
          ) : conversation.error ? (
            <ErrorNote error={conversation.error} onRetry={conversation.refetch} />
          ) : (
            <Skeleton rows={6} label={t('loading')} />
          )}
        </div>
        <div className="min-w-0 hall:hidden print:hidden">
          <ConversationList
            current={id}
            onChoose={(next) => go({ conversation: next, answer: undefined, view: undefined })}
            onNew={() => go({ conversation: undefined, answer: undefined, view: undefined })}
          />
        </div>
      </div>
    </>
  )
}

function chosen(usable: BindingView[], wanted: string | null): BindingView | undefined {
  return (
    usable.find(({ id, namespace, name }) => [id, `${namespace}/${name}`].includes(wanted ?? '')) ??
    usable[0]
  )
}

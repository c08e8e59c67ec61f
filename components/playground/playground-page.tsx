'use client'
import { useQuery } from '@tanstack/react-query'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import {
  bindingsQuery,
  generationQuery,
  generationsQuery,
  servicesQuery,
} from '#components/data/queries.ts'
import { Empty } from '#components/ui/empty.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import type { BindingView } from '#server/domain/views.ts'
import { AnswerPanel } from './answer-panel.tsx'
import { Composer } from './composer.tsx'
import { History } from './history.tsx'
import { NoBinding } from './no-binding.tsx'

/** Asks the model that one was bound to. Binding, preset and answer stand in the address. */
export function PlaygroundPage() {
  const t = useTranslations('playground')
  const router = useRouter()
  const path = usePathname()
  const search = useSearchParams()
  const bindings = useQuery(bindingsQuery())
  const services = useQuery(servicesQuery())
  const id = search.get('generation') ?? undefined
  const generation = useQuery({ ...generationQuery(id ?? ''), enabled: id !== undefined })
  const history = useQuery(generationsQuery())

  function go(changes: Record<string, string | undefined>) {
    const next = new URLSearchParams(search)
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value)
      else next.delete(name)
    }
    router.replace(next.size > 0 ? `${path}?${next}` : path, { scroll: false })
  }

  const error = bindings.error ?? services.error
  if (error) return <ErrorNote error={error} />
  if (!bindings.data || !services.data) return <Skeleton rows={6} label={t('loading')} />

  const usable = bindings.data.filter(({ can }) => can.includes('use'))
  const binding = chosen(usable, search.get('binding'))
  const service = services.data.find(
    ({ namespace, name }) =>
      namespace === binding?.asked.modelService.namespace &&
      name === binding?.asked.modelService.name,
  )
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_16rem]">
        <div className="grid min-w-0 gap-6">
          {binding && service ? (
            <Composer
              key={service.id}
              binding={binding}
              bindings={usable}
              service={service}
              presetName={search.get('preset') ?? undefined}
              onBinding={(next) => go({ binding: next })}
              onPreset={(next) => go({ preset: next })}
              onAsked={(asked) => {
                void history.refetch()
                go({ generation: asked.id })
              }}
            />
          ) : (
            <Panel>
              <NoBinding bindings={bindings.data} />
            </Panel>
          )}
          {id && generation.error ? (
            <ErrorNote error={generation.error} onRetry={generation.refetch} />
          ) : null}
          {id && generation.data ? (
            <AnswerPanel key={id} generation={generation.data} />
          ) : !id && binding ? (
            <Panel>
              <Empty title={t('empty')}>{t('emptyNext')}</Empty>
            </Panel>
          ) : null}
        </div>
        <History
          generations={history.data ?? []}
          current={id}
          onChoose={(next) => go({ generation: next })}
        />
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

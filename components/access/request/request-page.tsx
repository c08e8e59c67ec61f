'use client'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect } from 'react'
import { bindingsQuery, meQuery, servicesQuery } from '#components/data/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import type { Decision } from '#server/access/model/model-binding.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { AppError } from '#server/platform/model/errors.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'

const requestForm = () => import('./request-form.tsx').then((m) => m.RequestForm)
/** It checks what is typed, which is large: it comes with the data that it needs. */
const RequestForm = dynamic(requestForm)

/** Asks for access, or (`?change=namespace/name`) asks for a binding to become different. */
export function RequestPage() {
  const t = useTranslations('access.request')
  useEffect(() => void requestForm(), [])
  const search = useSearchParams()
  const me = useQuery(meQuery())
  const services = useQuery(servicesQuery())
  const bindings = useQuery(bindingsQuery())
  const error = me.error ?? services.error ?? bindings.error
  if (error) return <ErrorNote error={error} />
  if (!me.data || !services.data || !bindings.data) {
    return <Skeleton rows={6} label={t('loading')} />
  }

  const changed = search.get('change')
  const binding = bindings.data.find(({ id, namespace, name }) =>
    [id, `${namespace}/${name}`].includes(changed ?? ''),
  )
  if (changed && !binding) return <ErrorNote error={new AppError('not-found', '')} />

  const extend = binding?.term !== undefined && search.get('extend') === '1'
  const wanted = binding
    ? `${binding.asked.modelService.namespace}/${binding.asked.modelService.name}`
    : search.get('service')
  const service = services.data.find(({ id }) => id === wanted) ?? services.data[0]
  return (
    <>
      <PageHeader
        title={t(extend ? 'extendTitle' : binding ? 'changeTitle' : 'title')}
        // Where nothing was granted, there is nothing that stays.
        lead={t(extend ? 'extendLead' : binding?.term ? 'changeLead' : 'lead')}
      />
      {!service ? (
        <Panel>
          <Empty title={t('noService')}>{t('noServiceNext')}</Empty>
        </Panel>
      ) : me.data.namespaces.length === 0 && !binding ? (
        <Panel>
          <Empty title={t('noNamespace')}>
            <p className="mb-4">{t('noNamespaceNext')}</p>
            <Button asChild>
              <Link href="/access">{t('back')}</Link>
            </Button>
          </Empty>
        </Panel>
      ) : (
        <RequestForm
          key={`${binding?.id ?? service.id} ${extend}`}
          service={service}
          namespaces={me.data.namespaces}
          preferred={search.get('namespace') ?? undefined}
          binding={binding}
          extend={extend}
          denialIn={(namespace) => denialIn(namespace, bindings.data, service, binding)}
        />
      )}
    </>
  )
}

/** Why this was denied last; for a first request, why this service was last denied to the namespace. */
function denialIn(
  namespace: string,
  bindings: BindingView[],
  service: ModelServiceView,
  binding: BindingView | undefined,
): Decision | undefined {
  if (binding) return binding.lastDenial
  return bindings
    .filter(
      (one) =>
        one.namespace === namespace &&
        `${one.asked.modelService.namespace}/${one.asked.modelService.name}` === service.id,
    )
    .flatMap(({ lastDenial }) => lastDenial ?? [])
    .toSorted((a, b) => a.at.localeCompare(b.at))
    .at(-1)
}

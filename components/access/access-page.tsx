'use client'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { bindingsQuery, meQuery, servicesQuery } from '#components/data/queries.ts'
import { Empty } from '#components/ui/empty.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { BindingsOverview } from './bindings-overview.tsx'
import { ServiceCard } from './service-card.tsx'

/** What can be asked for, and what was. */
export function AccessPage() {
  const t = useTranslations('access')
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <div className="grid gap-8">
        <Bindings />
        <Services />
      </div>
    </>
  )
}

function Bindings() {
  const t = useTranslations('access')
  const { data: me } = useQuery(meQuery())
  const { data, error, refetch } = useQuery(bindingsQuery())
  return (
    <Panel title={t(me?.can.approve ? 'yours.all' : 'yours.title')} flush>
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} onRetry={refetch} />
        </div>
      ) : !data ? (
        <Skeleton label={t('yours.loading')} />
      ) : data.length === 0 ? (
        <Empty title={t('yours.empty')}>{t('yours.next')}</Empty>
      ) : (
        <BindingsOverview bindings={data} />
      )}
    </Panel>
  )
}

function Services() {
  const t = useTranslations('access')
  const { data, error, refetch } = useQuery(servicesQuery())
  return (
    <section aria-labelledby="services" className="grid gap-4">
      <h2 id="services" className="text-lg font-semibold">
        {t('services.title')}
      </h2>
      {error ? (
        <ErrorNote error={error} onRetry={refetch} />
      ) : !data ? (
        <Skeleton label={t('services.loading')} />
      ) : data.length === 0 ? (
        <Empty title={t('services.empty')}>{t('services.next')}</Empty>
      ) : (
        <ul className="grid gap-4">
          {data.map((service) => (
            <li key={service.id}>
              <ServiceCard service={service} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

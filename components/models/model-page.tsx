'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import { QuotaText } from '#components/access/quota-text.tsx'
import { TraitList } from '#components/access/service-card.tsx'
import { serviceQuery, servicesQuery } from '#components/data/queries.ts'
import { Badge } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Fact, Facts } from '#components/ui/facts.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { BenchmarkTable } from './benchmark-table.tsx'
import { EngineSeenFacts } from './engine-seen.tsx'
import { PresetList } from './preset-list.tsx'

/** Everything that is known of a model service, with its sources. */
export function ModelPage({ namespace, name }: { namespace: string; name: string }) {
  const t = useTranslations('models')
  const format = useFormatter()
  const { data: list } = useQuery(servicesQuery())
  const listed = list?.find((one) => one.namespace === namespace && one.name === name)
  const single = useQuery({ ...serviceQuery(namespace, name), enabled: !listed })
  const service = listed ?? single.data
  if (!service) {
    if (single.error) {
      return (
        <>
          <PageHeader title={name} />
          <ErrorNote error={single.error} onRetry={single.refetch} />
        </>
      )
    }
    return <Skeleton rows={6} label={t('loading')} />
  }
  return (
    <>
      <PageHeader
        title={service.displayName}
        badge={
          <Badge tone={service.ready ? 'good' : 'warn'}>
            {service.ready ? t('ready') : t('notReady')}
          </Badge>
        }
        lead={service.description}
        actions={
          <Button asChild look="primary">
            <Link href={`/access/request?${new URLSearchParams({ service: service.id })}`}>
              {t('ask')}
            </Link>
          </Button>
        }
      />
      <div className="grid gap-6">
        <Panel title={t('traits')}>
          <div className="grid gap-6 sm:grid-cols-2">
            <TraitList level="h3" title={t('good')} traits={service.strengths} good />
            <TraitList level="h3" title={t('bad')} traits={service.weaknesses} />
          </div>
        </Panel>
        {service.benchmarks.length > 0 ? (
          <Panel title={t('benchmarks.title')}>
            <BenchmarkTable benchmarks={service.benchmarks} />
          </Panel>
        ) : null}
        <Panel title={t('presets.title')}>
          <PresetList presets={service.presets} />
        </Panel>
        <Panel title={t('limits.title')}>
          <Facts>
            <Fact name={t('limits.duration')}>
              {t('limits.days', { days: service.limits.maxDurationDays })}
            </Fact>
            <Fact name={t('limits.quota')}>
              <QuotaText quota={service.limits.maxQuota} />
            </Fact>
            <Fact name={t('limits.context')}>
              {t('limits.tokens', { tokens: format.number(service.limits.contextTokens) })}
            </Fact>
            <Fact name={t('limits.approval')}>
              {t('limits.approvers', { count: service.approval.required })}{' '}
              {service.approval.allowSelfApproval ? t('limits.self') : t('limits.notSelf')}
            </Fact>
          </Facts>
        </Panel>
        <Panel title={t('engines.title')}>
          <Facts>
            <Fact name={t('engines.model')}>
              <span className="font-mono">{service.model}</span>
            </Fact>
            <Fact name={t('engines.address')}>
              <span className="font-mono">{service.address}</span>
            </Fact>
            {service.engines.map((engine) => (
              <Fact key={engine.ring} name={t(`engines.ring.${engine.ring}`)}>
                {t('engines.ready', { count: engine.readyReplicas })}
                {engine.image ? (
                  <span className="block font-mono text-[0.87rem] break-all text-muted">
                    {engine.image} {engine.digest}
                  </span>
                ) : null}
                {engine.seen ? (
                  <EngineSeenFacts
                    seen={engine.seen}
                    stated={{
                      model: service.model,
                      contextTokens: service.limits.contextTokens,
                    }}
                  />
                ) : null}
              </Fact>
            ))}
          </Facts>
        </Panel>
      </div>
    </>
  )
}

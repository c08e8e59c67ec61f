'use client'
import { CircleAlert, CircleCheck } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { EngineSeenFacts } from '#components/models/engine-seen.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'

/** One model service: what it is good and bad at, before anyone asks for it. */
export function ServiceCard({ service }: { service: ModelServiceView }) {
  const t = useTranslations('access.services')
  const page = `/models/${service.namespace}/${service.name}`
  const asking = new URLSearchParams({ service: service.id })
  return (
    <article className="grid gap-4 rounded-card border border-line bg-surface p-5">
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div className="max-w-[70ch]">
          <div className="flex flex-wrap items-center gap-3">
            <h3 className="text-lg font-semibold">
              <Link href={page} className="hover:underline">
                {service.displayName}
              </Link>
            </h3>
            <Badge tone={service.ready ? 'good' : 'warn'}>
              {service.ready ? t('ready') : t('notReady')}
            </Badge>
          </div>
          <p className="mt-1 text-muted">{service.description}</p>
          {service.engines.map(({ ring, seen }) =>
            seen && (seen.replaced || seen.state !== 'answers') ? (
              <p key={ring} className="mt-1">
                <EngineSeenFacts seen={seen} />
              </p>
            ) : null,
          )}
        </div>
        <div className="flex flex-wrap gap-2">
          <Button asChild>
            <Link href={page}>{t('details')}</Link>
          </Button>
          <Button asChild look="primary">
            <Link href={`/access/request?${asking}`}>{t('ask')}</Link>
          </Button>
        </div>
      </header>
      <div className="grid gap-4 sm:grid-cols-2">
        <TraitList level="h4" title={t('good')} traits={service.strengths} good />
        <TraitList level="h4" title={t('bad')} traits={service.weaknesses} />
      </div>
    </article>
  )
}

export function TraitList({
  title,
  level: Title,
  traits,
  good,
}: {
  title: string
  level: 'h3' | 'h4'
  traits: string[]
  good?: boolean
}) {
  const Icon = good ? CircleCheck : CircleAlert
  return (
    <section>
      <Title className="mb-2 font-medium">{title}</Title>
      <ul className="grid gap-1.5">
        {traits.map((trait) => (
          <li key={trait} className="flex gap-2">
            <Icon
              size={17}
              aria-hidden
              className={good ? 'mt-0.5 shrink-0 text-good' : 'mt-0.5 shrink-0 text-warn'}
            />
            <span>{trait}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

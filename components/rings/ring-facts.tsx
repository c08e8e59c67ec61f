'use client'
import { useFormatter, useTranslations } from 'next-intl'
import { useId } from 'react'
import { EngineSeenFacts } from '#components/models/engine-seen.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Fact, Facts } from '#components/ui/facts.tsx'
import type { RingView, ServiceRingsView } from '#server/serving/views/ring-views.ts'
import { MoveDialog } from './move-dialog.tsx'
import { RolloutPanel } from './rollout-panel.tsx'

/** One ring: its engine, its tenants and its numbers. */
export function RingFacts({ ring, service }: { ring: RingView; service: ServiceRingsView }) {
  const t = useTranslations('rings')
  const format = useFormatter()
  const titleId = useId()
  const { numbers, engine, readyReplicas, tenants, arriving, digest } = ring
  const { requests, errors, ttftP50Ms, ttftP95Ms, completionTokens, decodeRateP50 } = numbers
  const ms = (value: number | undefined) =>
    value === undefined ? t('none') : t('ms', { ms: Math.round(value) })
  return (
    <section aria-labelledby={titleId} className="min-w-0">
      <h3 id={titleId} className="mb-3 flex flex-wrap items-center gap-2 font-semibold">
        {t(`ring.${ring.ring}`)}
        <Badge tone={readyReplicas > 0 ? 'good' : 'neutral'}>
          {readyReplicas > 0 ? t('ready', { count: readyReplicas }) : t('notReady')}
        </Badge>
      </h3>
      {readyReplicas === 0 && ring.ring === 'canary' ? (
        <p className="mb-3 rounded-lg bg-warn-soft px-3 py-2">
          {engine ? t('needsGpu', { engine }) : t('noEngine')}
        </p>
      ) : null}
      <Facts>
        <Fact name={t('engine')}>
          <span className="font-mono text-[0.9rem]">{engine ?? t('none')}</span>
          {ring.seen ? <EngineSeenFacts seen={ring.seen} /> : null}
        </Fact>
        <Fact name={t('image')}>
          <span className="font-mono text-[0.9rem]" title={digest}>
            {digest ? digest.slice(0, 19) : t('none')}
          </span>
        </Fact>
        <Fact name={t('requests')}>
          <span className="tabular-nums">{format.number(requests)}</span>
        </Fact>
        <Fact name={t('errors')}>
          <span className={errors > 0 ? 'font-semibold text-bad tabular-nums' : 'tabular-nums'}>
            {requests === 0
              ? t('none')
              : t('errorRate', {
                  rate: format.number(errors / requests, {
                    style: 'percent',
                    maximumFractionDigits: 1,
                  }),
                  count: errors,
                })}
          </span>
        </Fact>
        <Fact name={t('ttft')}>
          <span className="tabular-nums">
            {ttftP50Ms === undefined
              ? t('none')
              : t('p50p95', { p50: ms(ttftP50Ms), p95: ms(ttftP95Ms) })}
          </span>
        </Fact>
        <Fact name={t('rate')}>
          <span className="tabular-nums">
            {decodeRateP50 === undefined
              ? t('none')
              : t('tokensPerSecond', {
                  rate: format.number(decodeRateP50, { maximumFractionDigits: 1 }),
                })}
          </span>
        </Fact>
        <Fact name={t('tokens')}>
          <span className="tabular-nums">{format.number(completionTokens)}</span>
        </Fact>
        <Fact name={t('tenants')}>
          {tenants.length === 0 ? (
            t('nobody')
          ) : (
            <ul className="grid gap-1">
              {tenants.map(({ namespace, bindings }) => (
                <li key={namespace} className="flex flex-wrap items-center gap-2">
                  <span>{t('tenant', { namespace, count: bindings })}</span>
                  <MoveTenant ring={ring} service={service} namespace={namespace} />
                </li>
              ))}
            </ul>
          )}
          {arriving > 0 ? <p className="text-muted">{t('arriving', { count: arriving })}</p> : null}
        </Fact>
      </Facts>
      {ring.rollout ? (
        <RolloutPanel rollout={ring.rollout} maySteer={service.can.includes('steer')} />
      ) : null}
    </section>
  )
}

function MoveTenant({
  ring,
  service,
  namespace,
}: {
  ring: RingView
  service: ServiceRingsView
  namespace: string
}) {
  const t = useTranslations('rings')
  if (!service.can.includes('move')) return null
  const to = ring.ring === 'stable' ? ('canary' as const) : ('stable' as const)
  return (
    <MoveDialog
      service={service}
      share={{ ring: to, namespaces: [namespace] }}
      label={t(`moveTo.${to}`)}
      title={t('moveTenant', { namespace, ring: t(`ring.${to}`) })}
      size="small"
    />
  )
}

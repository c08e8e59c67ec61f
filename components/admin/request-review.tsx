'use client'
import { ArrowLeft } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { ApprovalPanel } from '#components/access/binding/approval-panel.tsx'
import { AskedPanel } from '#components/access/binding/asked-panel.tsx'
import { BindingBadge } from '#components/access/binding-badge.tsx'
import { PlanPanel } from '#components/access/plan/plan-panel.tsx'
import { DenialNote } from '#components/access/request/denial-note.tsx'
import { Button } from '#components/ui/button.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { CapacityPanel } from './capacity-panel.tsx'
import { DecisionPanel } from './decision-panel.tsx'
import { TeamPanel } from './team-panel.tsx'

/** One request with all that follows from it, on one screen: decision, wish, capacity, team, plan. */
export function RequestReview({
  binding,
  back,
  keys,
}: {
  binding: BindingView
  back: string
  keys: boolean
}) {
  const t = useTranslations('approvals.review')
  const { asked } = binding
  return (
    <article aria-labelledby="request" className="grid min-w-0 content-start gap-5">
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <Link
            href={back}
            replace
            className="mb-2 inline-flex items-center gap-1.5 text-accent hover:underline lg:hidden"
          >
            <ArrowLeft size={16} aria-hidden />
            {t('back')}
          </Link>
          <div className="flex flex-wrap items-center gap-3">
            <h2 id="request" className="text-lg font-semibold break-words">
              {t('title', {
                who: binding.requestedBy ?? t('someone'),
                namespace: binding.namespace,
                service: asked.modelService.name,
              })}
            </h2>
            <BindingBadge binding={binding} />
          </div>
        </div>
        <Button asChild size="small">
          <Link href={`/bindings/${binding.namespace}/${binding.name}`}>{t('open')}</Link>
        </Button>
      </header>
      {binding.lastDenial ? <DenialNote denial={binding.lastDenial} /> : null}
      <DecisionPanel key={binding.uid} binding={binding} keys={keys} />
      <ApprovalPanel approval={binding.approval} />
      <AskedPanel binding={binding} />
      {binding.can.includes('decide') ? (
        <>
          <CapacityPanel binding={binding} wish={binding.terms?.quota ?? asked.quota} />
          <TeamPanel binding={binding} />
        </>
      ) : null}
      {binding.seal ? (
        <PlanPanel
          seal={binding.seal}
          decided={binding.granted?.generation === binding.seal.generation}
        />
      ) : null}
    </article>
  )
}

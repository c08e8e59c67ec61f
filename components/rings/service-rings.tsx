'use client'
import { useTranslations } from 'next-intl'
import { Panel } from '#components/ui/panel.tsx'
import type { ServiceRingsView } from '#server/serving/views/ring-views.ts'
import { MoveDialog } from './move-dialog.tsx'
import { PromoteDialog } from './promote-dialog.tsx'
import { RingFacts } from './ring-facts.tsx'
import { ShareForm } from './share-form.tsx'

/** One model service: both rings side by side, and what can be done with them. */
export function ServiceRings({ service }: { service: ServiceRingsView }) {
  const t = useTranslations('rings')
  const { rings, can, displayName } = service
  const [stable, canary] = rings
  const onCanary = (canary?.tenants.length ?? 0) + (canary?.arriving ?? 0)
  const same = stable?.digest !== undefined && stable.digest === canary?.digest
  return (
    <Panel
      title={displayName}
      actions={
        <>
          {can.includes('move') && onCanary > 0 ? (
            <MoveDialog
              service={service}
              share={{ canaryPercent: 0 }}
              label={t('takeBack')}
              look="danger"
            />
          ) : null}
          {can.includes('promote') ? <PromoteDialog service={service} /> : null}
        </>
      }
    >
      <div className="grid gap-6 md:grid-cols-2">
        {rings.map((ring) => (
          <RingFacts key={ring.ring} ring={ring} service={service} />
        ))}
      </div>
      {same && onCanary > 0 ? <p className="mt-4 text-muted">{t('promoted')}</p> : null}
      {can.includes('move') ? <ShareForm service={service} /> : null}
    </Panel>
  )
}

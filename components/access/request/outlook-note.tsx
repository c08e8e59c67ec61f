'use client'
import { BadgeCheck, CircleSlash, TrendingDown, Users } from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import { classes } from '#components/ui/classes.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'
import type { Outlook } from './outlook.ts'

const looks = {
  nothing: { Icon: CircleSlash, ground: 'bg-raised text-muted' },
  less: { Icon: TrendingDown, ground: 'bg-good-soft text-good' },
  auto: { Icon: BadgeCheck, ground: 'bg-good-soft text-good' },
  people: { Icon: Users, ground: 'bg-accent-soft text-accent-strong' },
} as const

/** What becomes of it once it is sent, before it is sent. */
export function OutlookNote({
  outlook,
  service,
  binding,
  extendDays,
}: {
  outlook: Outlook
  service: ModelServiceView
  binding?: BindingView
  /** Of the new term, where one is asked for. */
  extendDays?: number
}) {
  const t = useTranslations('access.outlook')
  const format = useFormatter()
  const { Icon, ground } = looks[outlook]
  const day = (at: Date) => format.dateTime(at, { dateStyle: 'medium' })
  const end = extendDays && extendDays > 0 ? new Date(Date.now() + extendDays * 86_400_000) : null
  return (
    <div role="status" className={classes('flex gap-3 rounded-lg px-4 py-3', ground)}>
      <Icon size={20} aria-hidden className="mt-0.5 shrink-0" />
      <div className="grid min-w-0 gap-1">
        <p className="font-medium">{t(outlook, { required: service.approval.required })}</p>
        {end && binding?.term ? (
          <p suppressHydrationWarning>
            {t('newTerm', { now: day(new Date(binding.term.expiresAt)), until: day(end) })}
          </p>
        ) : null}
      </div>
    </div>
  )
}

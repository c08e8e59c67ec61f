'use client'
import { useTranslations } from 'next-intl'
import { classes } from '#components/ui/classes.ts'
import type { PlannedChange } from '#server/access/model/model-binding.ts'
import { changeTones } from './planned-object.tsx'

/** What needs a reader first. */
export const changeOrder: PlannedChange['change'][] = [
  'conflict',
  'unknown',
  'delete',
  'update',
  'create',
  'unchanged',
]

const textTones = {
  neutral: 'text-muted',
  accent: 'text-accent-strong',
  good: 'text-good',
  warn: 'text-warn',
  bad: 'text-bad',
} as const

/** How many objects of a plan are made, changed, removed, and how many stand in its way. */
export function ChangeCounts({
  changes,
  className,
}: {
  changes: PlannedChange[]
  className?: string
}) {
  const t = useTranslations('approvals.plan')
  const counts = changeOrder
    .map((change) => ({ change, count: changes.filter((one) => one.change === change).length }))
    .filter(({ count }) => count > 0)
  return (
    <ul className={classes('flex flex-wrap gap-x-4 gap-y-1 font-medium tabular-nums', className)}>
      {counts.map(({ change, count }) => (
        <li key={change} className={textTones[changeTones[change]]}>
          {t(`counts.${change}`, { count })}
        </li>
      ))}
    </ul>
  )
}

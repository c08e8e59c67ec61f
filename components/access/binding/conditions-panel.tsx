'use client'
import { useTranslations } from 'next-intl'
import { Badge } from '#components/ui/badge.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { Condition } from '#server/platform/model/kubernetes.ts'

/** The object's own conditions, as kubectl shows them: for those who look closer. */
export function ConditionsPanel({ conditions }: { conditions: Condition[] }) {
  const t = useTranslations('access.binding')
  if (conditions.length === 0) return null
  return (
    <Panel title={t('conditions')}>
      <ul className="grid gap-3">
        {conditions.map((condition) => (
          <li key={condition.type} className="grid gap-1">
            <div className="flex flex-wrap items-center gap-2">
              <span className="font-mono text-[0.9rem] font-medium">{condition.type}</span>
              <Badge>{condition.status}</Badge>
              <span className="text-[0.87rem] text-muted">{condition.reason}</span>
            </div>
            {condition.message ? (
              <p className="text-[0.9rem] break-words">{condition.message}</p>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

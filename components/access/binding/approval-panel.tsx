'use client'
import { CircleCheck, CircleDashed } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { Panel } from '#components/ui/panel.tsx'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { BindingView } from '#server/access/views/binding.ts'

/** Who has approved, and how many are still needed, where it takes more than one. */
export function ApprovalPanel({ approval }: { approval: BindingView['approval'] }) {
  const t = useTranslations('access.approval')
  if (!approval || approval.required < 2) return null
  const { required, signed, given, missing } = approval
  return (
    <Panel title={t('title', { given: given.length, required })}>
      <ul className="grid gap-2.5">
        {given.map(({ by, at, comment }) => (
          <li key={by} className="flex gap-2">
            <CircleCheck size={18} aria-hidden className="mt-0.5 shrink-0 text-good" />
            <div className="min-w-0">
              <p>
                {t('by', { by })}{' '}
                <span className="text-[0.87rem] text-muted">
                  <Timestamp at={at} />
                </span>
              </p>
              {comment ? <p className="break-words">“{comment}”</p> : null}
            </div>
          </li>
        ))}
        {missing > 0 ? (
          <li className="flex gap-2 text-muted">
            <CircleDashed size={18} aria-hidden className="mt-0.5 shrink-0" />
            {signed ? t('missing', { missing }) : t('missingUnsigned', { missing })}
          </li>
        ) : null}
      </ul>
    </Panel>
  )
}

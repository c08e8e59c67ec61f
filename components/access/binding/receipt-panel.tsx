'use client'
import { CircleCheck } from 'lucide-react'
import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import { Panel } from '#components/ui/panel.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { CheckList, SignatureLine } from './check-list.tsx'

/** The proof that access works, as the run saw it from the tenant's side. */
export function ReceiptPanel({
  binding,
  receipt,
}: {
  binding: BindingView
  receipt: NonNullable<BindingView['receipt']>
}) {
  const t = useTranslations('access.receipt')
  const format = useFormatter()
  const since = new Date(binding.granted?.usableSince ?? receipt.at)
  const { namespace } = binding.asked.modelService
  const tenant = receipt.checks?.find(({ check }) => check === 'from-tenant')
  const tried = tenant !== undefined && !tenant.skipped
  return (
    <Panel
      title={t('title')}
      actions={
        <Link
          href={`/runs/${namespace}/${receipt.run}`}
          className="font-mono text-[0.9rem] text-accent hover:underline"
        >
          {receipt.run}
        </Link>
      }
    >
      <div className="grid gap-4">
        <p className="flex gap-2 font-medium">
          <CircleCheck size={20} aria-hidden className="mt-0.5 shrink-0 text-good" />
          <span suppressHydrationWarning>
            {t('usableSince', {
              time: format.dateTime(since, { timeStyle: 'medium' }),
              date: format.dateTime(since, { dateStyle: 'medium' }),
              ms: Math.round(receipt.firstTokenMs),
            })}
          </span>
        </p>
        <p className={tried ? undefined : 'text-muted'}>
          {t(tried ? 'tried' : 'untried', { namespace: binding.namespace })}
        </p>
        <CheckList checks={receipt.checks ?? []} />
        <SignatureLine signature={receipt.signature} />
      </div>
    </Panel>
  )
}

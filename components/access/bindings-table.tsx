'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { Timestamp } from '#components/ui/timestamp.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { BindingBadge } from './binding-badge.tsx'
import { QuotaText } from './quota-text.tsx'

/** Bindings in the order given; on a phone each becomes a card. */
export function BindingsTable({ bindings }: { bindings: BindingView[] }) {
  const t = useTranslations('access.table')
  return (
    <table className="w-full text-left max-md:block">
      <thead className="border-b border-line text-[0.87rem] whitespace-nowrap text-muted max-md:sr-only">
        <tr>
          <th className="w-1/3 px-4 py-2.5 font-medium">{t('binding')}</th>
          <th className="px-4 py-2.5 font-medium">{t('state')}</th>
          <th className="px-4 py-2.5 font-medium">{t('service')}</th>
          <th className="px-4 py-2.5 font-medium">{t('quota')}</th>
          <th className="px-4 py-2.5 font-medium">{t('until')}</th>
        </tr>
      </thead>
      <tbody className="max-md:block">
        {bindings.map((binding) => (
          <tr
            key={binding.id}
            className="border-b border-line last:border-0 hover:bg-raised max-md:grid max-md:grid-cols-[1fr_auto] max-md:gap-x-3 max-md:gap-y-1.5 max-md:p-4"
          >
            <td className="px-4 py-3 max-md:col-span-2 max-md:p-0">
              <Link
                href={`/bindings/${binding.namespace}/${binding.name}`}
                className="font-mono text-[0.93rem] font-medium text-accent hover:underline"
              >
                {binding.namespace}/{binding.name}
              </Link>
              <p className="text-[0.87rem] text-muted">{binding.requestedBy}</p>
            </td>
            <td className="px-4 py-3 max-md:p-0">
              <BindingBadge binding={binding} />
            </td>
            <td className="px-4 py-3 font-mono text-[0.93rem] max-md:col-span-2 max-md:p-0">
              {binding.asked.modelService.name}
            </td>
            <td className="px-4 py-3 text-[0.93rem] max-md:col-span-2 max-md:p-0">
              <QuotaText quota={binding.granted?.quota ?? binding.asked.quota} />
            </td>
            <td className="px-4 py-3 whitespace-nowrap max-md:col-start-2 max-md:row-start-2 max-md:p-0 max-md:text-muted">
              {binding.granted?.expiresAt && binding.state !== 'ended' ? (
                <>
                  <span className="md:hidden">{t('until')} </span>
                  <Timestamp at={binding.granted.expiresAt} />
                </>
              ) : (
                <span className="text-muted max-md:hidden">—</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

'use client'
import { useFormatter, useTranslations } from 'next-intl'
import { Badge } from '#components/ui/badge.tsx'
import type { AuditRecord } from '#server/audit/model/audit-record.ts'
import { whatTone } from './what-tone.ts'

/** Dense: a line a record. Its number is the button that opens it. */
export function AuditTable({
  records,
  onOpen,
}: {
  records: AuditRecord[]
  onOpen: (seq: number) => void
}) {
  const t = useTranslations('audit')
  const format = useFormatter()
  return (
    <table className="w-full text-left max-md:block">
      <thead className="border-b border-line text-[0.87rem] whitespace-nowrap text-muted max-md:sr-only">
        <tr>
          <th className="px-4 py-2.5 font-medium">{t('column.seq')}</th>
          <th className="px-4 py-2.5 font-medium">{t('column.at')}</th>
          <th className="px-4 py-2.5 font-medium">{t('column.what')}</th>
          <th className="px-4 py-2.5 font-medium">{t('column.who')}</th>
          <th className="w-1/3 px-4 py-2.5 font-medium">{t('column.on')}</th>
        </tr>
      </thead>
      <tbody className="max-md:block">
        {records.map(({ seq, content }) => (
          <tr
            key={seq}
            className="border-b border-line align-baseline last:border-0 hover:bg-raised max-md:grid max-md:grid-cols-[auto_1fr] max-md:gap-x-3 max-md:gap-y-1.5 max-md:p-4"
          >
            <td className="px-4 py-2.5 max-md:p-0">
              <button
                type="button"
                onClick={() => onOpen(seq)}
                aria-label={t('open', { seq })}
                className="min-h-6 font-mono text-[0.93rem] text-accent tabular-nums hover:underline"
              >
                #{seq}
              </button>
            </td>
            <td className="px-4 py-2.5 whitespace-nowrap tabular-nums max-md:p-0">
              <time dateTime={content.at} suppressHydrationWarning>
                {format.dateTime(new Date(content.at), {
                  dateStyle: 'medium',
                  timeStyle: 'medium',
                })}
              </time>
            </td>
            <td className="px-4 py-2.5 max-md:col-span-2 max-md:p-0">
              <Badge tone={whatTone(content.what)}>{t(`what.${content.what}`)}</Badge>
              {content.why ? (
                <p className="mt-1 line-clamp-2 max-w-[48ch] text-[0.87rem] break-words text-muted">
                  {content.why}
                </p>
              ) : null}
            </td>
            <td className="px-4 py-2.5 [overflow-wrap:anywhere] max-md:p-0">{content.who}</td>
            <td className="px-4 py-2.5 font-mono text-[0.87rem] [overflow-wrap:anywhere] max-md:p-0">
              {content.binding
                ? [content.binding.namespace, content.binding.name].filter(Boolean).join('/')
                : content.on.name}
              {content.on.kind === 'TaskRun' ? (
                <p className="text-muted">{content.on.name}</p>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

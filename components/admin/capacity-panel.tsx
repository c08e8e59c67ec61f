'use client'
import { useQuery } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { useFormatter, useTranslations } from 'next-intl'
import { bindingsQuery, servicesQuery } from '#components/data/queries.ts'
import { classes } from '#components/ui/classes.ts'
import { Panel } from '#components/ui/panel.tsx'
import type { Quota } from '#server/access/model/quota.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { type CapacityRow, capacityRows, isOverbooked } from './capacity.ts'

/** What the grants of the service come to together if this wish is granted, against what the engines carry. */
export function CapacityPanel({ binding, wish }: { binding: BindingView; wish: Quota }) {
  const t = useTranslations('approvals.capacity')
  const { data: bindings } = useQuery(bindingsQuery())
  const { data: services } = useQuery(servicesQuery())
  const { namespace, name } = binding.asked.modelService
  const service = services?.find(({ id }) => id === `${namespace}/${name}`)
  if (!bindings || !service) return null
  const rows = capacityRows(bindings, service, binding, wish)
  return (
    <Panel title={t('title', { service: service.displayName })} flush>
      <table className="w-full text-left tabular-nums">
        <thead className="border-b border-line text-[0.87rem] text-muted">
          <tr>
            <th className="px-4 py-2 font-medium">{t('what')}</th>
            <th className="px-2 py-2 text-right font-medium">{t('others')}</th>
            <th className="px-2 py-2 text-right font-medium">{t('this')}</th>
            <th className="px-4 py-2 text-right font-medium">{t('together')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.key} row={row} />
          ))}
        </tbody>
      </table>
      {rows.some(isOverbooked) ? (
        <p className="flex gap-2 border-t border-line bg-warn-soft px-4 py-2.5 text-warn">
          <TriangleAlert size={18} aria-hidden className="mt-0.5 shrink-0" />
          {t('overbooked')}
        </p>
      ) : null}
    </Panel>
  )
}

function Row({ row }: { row: CapacityRow }) {
  const t = useTranslations('approvals.capacity')
  const format = useFormatter()
  const { key, others, held, wished, capacity } = row
  const over = isOverbooked(row)
  return (
    <tr className="border-b border-line last:border-0">
      <th scope="row" className="px-4 py-2.5 font-normal">
        {t(key)}
      </th>
      <td className="px-2 py-2.5 text-right">{format.number(others)}</td>
      <td className="px-2 py-2.5 text-right">
        {held > 0 && held !== wished ? (
          <span className="text-muted">{format.number(held)} → </span>
        ) : null}
        {format.number(wished)}
      </td>
      <td className={classes('px-4 py-2.5 text-right font-medium', over && 'text-warn')}>
        {capacity === undefined
          ? format.number(others + wished)
          : t('of', {
              sum: format.number(others + wished),
              capacity: format.number(capacity),
            })}
        {capacity === undefined ? null : (
          <Bar others={others / capacity} wished={wished / capacity} over={over} />
        )}
      </td>
    </tr>
  )
}

/** The same figures for the eye: what others hold, then this one, on the engines' scale. */
function Bar({ others, wished, over }: { others: number; wished: number; over: boolean }) {
  const scale = Math.max(1, others + wished)
  return (
    <span
      aria-hidden
      className="mt-1 ml-auto flex h-1.5 w-28 overflow-hidden rounded-full bg-raised"
    >
      <span className="bg-line-strong" style={{ width: `${(others / scale) * 100}%` }} />
      <span
        className={over ? 'bg-warn' : 'bg-accent'}
        style={{ width: `${(wished / scale) * 100}%` }}
      />
    </span>
  )
}

'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import { BindingBadge } from '#components/access/binding-badge.tsx'
import { QuotaText } from '#components/access/quota-text.tsx'
import { UsageLine } from '#components/access/usage-line.tsx'
import { bindingsQuery } from '#components/data/queries.ts'
import { Panel } from '#components/ui/panel.tsx'
import type { BindingView } from '#server/access/views/binding.ts'

/** What the namespace holds already, and how much of it it uses: whoever never uses a quota needs no larger one. */
export function TeamPanel({ binding }: { binding: BindingView }) {
  const t = useTranslations('approvals.team')
  const format = useFormatter()
  const { data } = useQuery(bindingsQuery())
  const held = (data ?? []).filter(
    (one) => one.namespace === binding.namespace && one.granted && one.state !== 'ended',
  )
  const ended = (data ?? []).filter(
    (one) => one.namespace === binding.namespace && one.state === 'ended',
  )
  return (
    <Panel title={t.rich('title', { namespace: () => binding.namespace })}>
      {held.length === 0 ? (
        <p className="text-muted">{t('nothing')}</p>
      ) : (
        <ul className="grid gap-4">
          {held.map((one) => (
            <li key={one.id} className="grid gap-1">
              <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <Link
                  href={`/bindings/${one.namespace}/${one.name}`}
                  className="font-mono text-[0.93rem] text-accent hover:underline"
                >
                  {one.name}
                </Link>
                <BindingBadge binding={one} />
                {one.id === binding.id ? (
                  <span className="text-[0.87rem] text-muted">{t('thisOne')}</span>
                ) : null}
              </div>
              {one.granted ? (
                <p className="text-[0.9rem] text-muted">
                  <QuotaText quota={one.granted.quota} />
                </p>
              ) : null}
              <UsageLine binding={one} />
            </li>
          ))}
        </ul>
      )}
      {ended.length > 0 ? (
        <p className="mt-3 text-[0.9rem] text-muted">
          {t('ended', { count: ended.length, names: format.list(ended.map(({ name }) => name)) })}
        </p>
      ) : null}
    </Panel>
  )
}

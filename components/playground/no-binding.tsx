'use client'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { BindingBadge } from '#components/access/binding-badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'
import type { BindingView } from '#server/access/views/binding.ts'

/** Why there is nothing to ask yet, and the next step: what is under way, or the form. */
export function NoBinding({ bindings }: { bindings: BindingView[] }) {
  const t = useTranslations('playground.none')
  const open = bindings.filter(({ state }) => state !== 'ended')
  return (
    <Empty title={t('title')}>
      <p className="mb-4">{open.length > 0 ? t('underWay') : t('text')}</p>
      {open.length > 0 ? (
        <ul className="mb-4 grid justify-items-center gap-2">
          {open.map((binding) => (
            <li key={binding.id} className="flex flex-wrap items-center gap-2">
              <Link
                href={`/bindings/${binding.namespace}/${binding.name}`}
                className="font-mono text-accent hover:underline"
              >
                {binding.namespace}/{binding.name}
              </Link>
              <BindingBadge binding={binding} />
            </li>
          ))}
        </ul>
      ) : null}
      <Button asChild look={open.length > 0 ? 'plain' : 'primary'}>
        <Link href="/access/request">{t('ask')}</Link>
      </Button>
    </Empty>
  )
}

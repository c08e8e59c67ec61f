'use client'
import { useFormatter, useTranslations } from 'next-intl'
import { type WishRow, wishRows } from '#components/access/binding/request-rows.ts'
import type { BindingView } from '#server/access/views/binding.ts'

/** What an approval comes to, in one breath: who is let in for how long, or what of a grant becomes different. */
export function useConsequence(): (binding: BindingView) => string {
  const t = useTranslations('approvals.decide')
  const asked = useTranslations('access.asked')
  const format = useFormatter()

  function wordsFor(field: WishRow['field'], value: WishRow['now']): string {
    if (typeof value !== 'number') return value ?? '—'
    return field === 'durationDays' ? asked('days', { days: value }) : format.number(value)
  }

  return (binding) => {
    const { namespace, granted, terms, seal } = binding
    const days = terms?.durationDays ?? binding.asked.durationDays
    const count = seal?.changes.filter(({ change }) => change !== 'unchanged').length ?? 0
    if (!granted) return t('consequence', { count, namespace, days })

    const different = wishRows(binding).flatMap(({ field, now, asked: wish, offered }) => {
      const next = offered ?? wish
      if (next === now) return []
      const words = { field: asked(`fields.${field}`), now: wordsFor(field, now) }
      return [t('becomes', { ...words, next: wordsFor(field, next) })]
    })
    const renewed = binding.changes.some(({ field }) => field === 'renewal')
    return [
      different.length > 0 ? t('changes', { namespace, list: format.list(different) }) : '',
      renewed ? t('newTerm', { namespace, days }) : '',
      t('objects', { count }),
    ]
      .filter(Boolean)
      .join(' ')
  }
}

'use client'
import { useTranslations } from 'next-intl'
import { FilterSelect } from '#components/ui/filter-select.tsx'
import type { BindingView } from '#server/access/views/binding.ts'
import { type RequestFilter, requestAges, requestSorts, serviceOf } from './filter-requests.ts'

const names = ['service', 'namespace', 'age', 'sort'] as const
type Name = (typeof names)[number]

/** Narrows the queue down and sorts it; what is chosen stands in the address. */
export function RequestFilters({
  bindings,
  filter,
  onChange,
}: {
  bindings: BindingView[]
  filter: RequestFilter
  onChange: (changes: Partial<Record<Name, string>>) => void
}) {
  const t = useTranslations('approvals.filter')
  const choices: Record<Name, readonly string[]> = {
    service: choicesOf(bindings.map(serviceOf), filter.service),
    namespace: choicesOf(
      bindings.map(({ namespace }) => namespace),
      filter.namespace,
    ),
    age: requestAges,
    sort: requestSorts,
  }
  const byTime = filter.view === 'waiting' ? 'oldest' : 'newest'
  const reversed = filter.view === 'waiting' ? 'newest' : 'oldest'
  function wordsOf(name: Name, choice: string): string {
    if (name === 'sort') return t(`sorts.${choice === 'reversed' ? reversed : choice}`)
    return name === 'age' ? t(`ages.${choice}`) : choice
  }
  return (
    <div className="grid grid-cols-2 gap-2 max-sm:w-full sm:grid-cols-4">
      {names.map((name) => (
        <FilterSelect
          key={name}
          label={t(name)}
          all={name === 'sort' ? t(`sorts.${byTime}`) : t('all')}
          value={filter[name]}
          choices={choices[name]}
          wordsOf={(choice) => wordsOf(name, choice)}
          onChange={(choice) => onChange({ [name]: choice })}
        />
      ))}
    </div>
  )
}

function choicesOf(values: string[], chosen: string | undefined): string[] {
  return [...new Set(chosen ? [...values, chosen] : values)].sort()
}

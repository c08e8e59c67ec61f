'use client'
import { useTranslations } from 'next-intl'
import { FilterSelect } from '#components/ui/filter-select.tsx'
import type { BindingView } from '#server/domain/views.ts'
import { type RequestFilter, requestAges, serviceOf } from './filter-requests.ts'

const names = ['service', 'namespace', 'age'] as const
type Name = (typeof names)[number]

/** Narrows the queue down; what is chosen stands in the address. */
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
  }
  return (
    <div className="grid grid-cols-3 gap-2 max-sm:w-full">
      {names.map((name) => (
        <FilterSelect
          key={name}
          label={t(name)}
          all={t('all')}
          value={filter[name]}
          choices={choices[name]}
          wordsOf={(choice) => (name === 'age' ? t(`ages.${choice}`) : choice)}
          onChange={(choice) => onChange({ [name]: choice })}
        />
      ))}
    </div>
  )
}

function choicesOf(values: string[], chosen: string | undefined): string[] {
  return [...new Set(chosen ? [...values, chosen] : values)].sort()
}

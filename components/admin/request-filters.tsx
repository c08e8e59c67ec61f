'use client'
import { useTranslations } from 'next-intl'
import { Field, Select } from '#components/ui/field.tsx'
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
        <Field key={name} label={<span className="text-[0.87rem] font-normal">{t(name)}</span>}>
          {(attributes) => (
            <Select
              {...attributes}
              className="sm:w-40"
              value={filter[name] ?? ''}
              onChange={(event) => onChange({ [name]: event.target.value })}
            >
              <option value="">{t('all')}</option>
              {choices[name].map((choice) => (
                <option key={choice} value={choice}>
                  {name === 'age' ? t(`ages.${choice}`) : choice}
                </option>
              ))}
            </Select>
          )}
        </Field>
      ))}
    </div>
  )
}

function choicesOf(values: string[], chosen: string | undefined): string[] {
  return [...new Set(chosen ? [...values, chosen] : values)].sort()
}

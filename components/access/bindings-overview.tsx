'use client'
import { useTranslations } from 'next-intl'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'
import { FilterSelect } from '#components/ui/filter-select.tsx'
import { Pages } from '#components/ui/pages.tsx'
import { useAddressQuery } from '#components/ui/use-address-query.ts'
import type { BindingView } from '#server/access/views/binding.ts'
import { BindingsTable } from './bindings-table.tsx'
import {
  type BindingFilter,
  type BindingFilterName,
  bindingChoices,
  bindingFilters,
  filterBindings,
} from './filter-bindings.ts'

const pageSize = 50
/** So few are seen at a glance. */
const unfilteredMax = 3

/** All bindings that the person may see; filters and page stand in the address. */
export function BindingsOverview({ bindings }: { bindings: BindingView[] }) {
  const t = useTranslations('access')
  const { search, go, clear } = useAddressQuery()
  const filter: BindingFilter = Object.fromEntries(
    bindingFilters.map((name) => [name, search.get(name) ?? undefined]),
  )
  const filtered = bindingFilters.some((name) => filter[name])

  function labelOf(name: BindingFilterName, choice: string): string {
    if (name === 'state') return t(`state.${choice}`)
    return name === 'attention' ? t(`attention.${choice}`) : choice
  }

  const found = filterBindings(bindings, filter)
  const pages = Math.max(1, Math.ceil(found.length / pageSize))
  const page = Math.min(pages, Math.max(1, Number(search.get('page')) || 1))
  return (
    <>
      {filtered || bindings.length > unfilteredMax ? (
        <div className="grid grid-cols-2 gap-3 border-b border-line p-4 sm:flex sm:flex-wrap">
          {bindingFilters.map((name) => (
            <FilterSelect
              key={name}
              label={t(`filter.${name}`)}
              all={t('filter.all')}
              value={filter[name]}
              choices={bindingChoices(bindings, name, filter[name])}
              wordsOf={(choice) => labelOf(name, choice)}
              onChange={(choice) => go({ [name]: choice, page: '' })}
            />
          ))}
        </div>
      ) : null}
      {found.length === 0 ? (
        <Empty title={t('noneFound')}>
          <Button onClick={clear}>{t('filter.clear')}</Button>
        </Empty>
      ) : (
        <BindingsTable bindings={found.slice((page - 1) * pageSize, page * pageSize)} />
      )}
      {pages > 1 ? (
        <div className="border-t border-line p-3">
          <Pages page={page} pages={pages} onPage={(next) => go({ page: String(next) })} />
        </div>
      ) : null}
    </>
  )
}

'use client'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'
import { Field, Select } from '#components/ui/field.tsx'
import { Pages } from '#components/ui/pages.tsx'
import type { BindingView } from '#server/domain/views.ts'
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
  const router = useRouter()
  const path = usePathname()
  const search = useSearchParams()
  const filter: BindingFilter = Object.fromEntries(
    bindingFilters.map((name) => [name, search.get(name) ?? undefined]),
  )
  const filtered = bindingFilters.some((name) => filter[name])

  function go(changes: Record<string, string>) {
    const next = new URLSearchParams(search)
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value)
      else next.delete(name)
    }
    router.replace(next.size > 0 ? `${path}?${next}` : path, { scroll: false })
  }

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
            <div key={name} className="sm:w-44">
              <Field label={t(`filter.${name}`)}>
                {(attributes) => (
                  <Select
                    {...attributes}
                    value={filter[name] ?? ''}
                    onChange={(event) => go({ [name]: event.target.value, page: '' })}
                  >
                    <option value="">{t('filter.all')}</option>
                    {bindingChoices(bindings, name, filter[name]).map((choice) => (
                      <option key={choice} value={choice}>
                        {labelOf(name, choice)}
                      </option>
                    ))}
                  </Select>
                )}
              </Field>
            </div>
          ))}
        </div>
      ) : null}
      {found.length === 0 ? (
        <Empty title={t('noneFound')}>
          <Button onClick={() => router.replace(path)}>{t('filter.clear')}</Button>
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

'use client'
import { Search } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { FormEvent } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Field, Select, TextInput } from '#components/ui/field.tsx'
import { auditWhats } from '#server/audit/model/audit-record.ts'
import { auditFilters, instantOfInput, localInput, whatGroups } from './audit-filter.ts'

const words = ['text', 'who', 'namespace', 'binding'] as const

/** A form, so that Enter in any field searches; what is set stands in the address. */
export function AuditFilters({
  search,
  onSearch,
}: {
  search: URLSearchParams
  onSearch: (changes: Record<string, string>) => void
}) {
  const t = useTranslations('audit')
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const changes = Object.fromEntries(
      auditFilters.map((name) => {
        const value = String(form.get(name) ?? '').trim()
        return [name, name === 'from' || name === 'to' ? instantOfInput(value) : value]
      }),
    )
    onSearch(changes)
  }
  const what = search.get('what') ?? ''
  return (
    <form
      // What is typed follows the address where that changes by itself: Back, a link, Clear.
      key={auditFilters.map((name) => search.get(name)).join('\n')}
      onSubmit={submit}
      className="mb-4 grid grid-cols-2 items-end gap-3 md:grid-cols-4 print:hidden"
    >
      {words.map((name) => (
        <Field key={name} label={t(`filter.${name}`)}>
          {(attributes) => (
            <TextInput
              {...attributes}
              name={name}
              type={name === 'text' ? 'search' : 'text'}
              maxLength={253}
              defaultValue={search.get(name) ?? ''}
            />
          )}
        </Field>
      ))}
      <Field label={t('filter.what')}>
        {(attributes) => (
          <Select {...attributes} name="what" defaultValue={what}>
            <option value="">{t('filter.all')}</option>
            <optgroup label={t('filter.groups')}>
              {Object.entries(whatGroups).map(([group, members]) => (
                <option key={group} value={members.join(',')}>
                  {t(`group.${group}`)}
                </option>
              ))}
            </optgroup>
            <optgroup label={t('filter.single')}>
              {auditWhats.map((one) => (
                <option key={one} value={one}>
                  {t(`what.${one}`)}
                </option>
              ))}
            </optgroup>
          </Select>
        )}
      </Field>
      {(['from', 'to'] as const).map((name) => (
        // Such an input does not shrink: on a phone it has its own row.
        <div key={name} className="min-w-0 max-md:col-span-2">
          <Field label={t(`filter.${name}`)}>
            {(attributes) => (
              <TextInput
                {...attributes}
                name={name}
                type="datetime-local"
                defaultValue={localInput(search.get(name))}
              />
            )}
          </Field>
        </div>
      ))}
      <div className="flex gap-2 max-md:col-span-2">
        <Button type="submit" look="primary">
          <Search size={16} aria-hidden />
          {t('filter.search')}
        </Button>
        <Button
          look="quiet"
          onClick={() => onSearch(Object.fromEntries(auditFilters.map((name) => [name, ''])))}
        >
          {t('filter.clear')}
        </Button>
      </div>
    </form>
  )
}

'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { auditNewerQuery, auditQuery } from '#components/data/audit-queries.ts'
import { Button } from '#components/ui/button.tsx'
import { Empty } from '#components/ui/empty.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { useAddressQuery } from '#components/ui/use-address-query.ts'
import { AppError } from '#server/platform/model/errors.ts'
import { filterSearch } from './audit-filter.ts'
import { AuditFilters } from './audit-filters.tsx'
import { AuditTable } from './audit-table.tsx'
import { ChainState } from './chain-state.tsx'
import { WebhookStates } from './webhook-states.tsx'

const AuditRecordDialog = dynamic(() =>
  import('./audit-record-dialog.tsx').then((m) => m.AuditRecordDialog),
)

/** The trail, newest first; filters, page and the open record stand in the address. */
export function AuditPage() {
  const t = useTranslations('audit')
  const { search, go, clear } = useAddressQuery()
  const client = useQueryClient()
  const filters = filterSearch(search)
  const before = search.get('before')
  const { data, error, refetch } = useQuery(auditQuery(filterSearch(search, ['before'])))
  const newest = data?.records[0]?.seq ?? 0
  const { data: newer } = useQuery({
    ...auditNewerQuery(filters, newest),
    enabled: data !== undefined && !before,
  })
  const opened = data?.records.find(({ seq }) => String(seq) === search.get('record'))

  async function showNewer() {
    await client.invalidateQueries({ queryKey: auditQuery(filters).queryKey })
  }

  const mayNot = error instanceof AppError && error.code === 'forbidden'
  const exportHref = (kind: string) => `/api/audit/export.${kind}${filters && `?${filters}`}`
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          mayNot
            ? null
            : ['csv', 'jsonl'].map((kind) => (
                <Button key={kind} asChild size="small">
                  <a href={exportHref(kind)} download>
                    <Download size={16} aria-hidden />
                    {t(`export.${kind}`)}
                  </a>
                </Button>
              ))
        }
      />
      <ChainState />
      {mayNot ? null : (
        <AuditFilters
          search={search}
          onSearch={(changes) => go({ ...changes, before: '' }, 'push')}
        />
      )}
      {/* On the edge of the list, so that nothing moves when it comes. */}
      <div role="status" className="relative z-10 flex h-0 items-center justify-center">
        {newer && newer.count > 0 ? (
          <Button size="small" look="primary" className="rounded-full" onClick={showNewer}>
            {t('newer', { count: newer.count })}
          </Button>
        ) : null}
      </div>
      <Panel flush>
        {error ? (
          <div className="p-4">
            <ErrorNote error={error} onRetry={refetch} />
          </div>
        ) : !data ? (
          <Skeleton rows={8} label={t('loading')} />
        ) : data.records.length === 0 ? (
          <Empty title={filters ? t('noneFound') : t('empty')}>
            {filters ? (
              <>
                <p className="mb-4">{t('noneFoundNext')}</p>
                <Button onClick={clear}>{t('filter.clear')}</Button>
              </>
            ) : (
              t('emptyNext')
            )}
          </Empty>
        ) : (
          <AuditTable records={data.records} onOpen={(seq) => go({ record: String(seq) })} />
        )}
      </Panel>
      {before || data?.next ? (
        <nav aria-label={t('pages')} className="mt-3 flex gap-3">
          <Button size="small" disabled={!before} onClick={() => go({ before: '' }, 'push')}>
            {t('newest')}
          </Button>
          <Button
            size="small"
            disabled={!data?.next}
            onClick={() => go({ before: String(data?.next ?? '') }, 'push')}
          >
            {t('older')}
          </Button>
        </nav>
      ) : null}
      <WebhookStates />
      {opened ? <AuditRecordDialog record={opened} onClose={() => go({ record: '' })} /> : null}
    </>
  )
}

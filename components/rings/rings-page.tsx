'use client'
import { useQuery } from '@tanstack/react-query'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { meQuery } from '#components/data/queries.ts'
import { ringsQuery } from '#components/data/ring-queries.ts'
import { Empty } from '#components/ui/empty.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Field, Select } from '#components/ui/field.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { AppError } from '#server/platform/model/errors.ts'
import { type RingWindow, ringWindows } from '#server/serving/model/ring-windows.ts'
import { ServiceRings } from './service-rings.tsx'

const windows = Object.keys(ringWindows) as RingWindow[]

/** Per model service: who is on the stable and who on the canary ring, how each fares, and moving between them. */
export function RingsPage() {
  const t = useTranslations('rings')
  const router = useRouter()
  const path = usePathname()
  const search = useSearchParams()
  const window = windows.find((one) => one === search.get('window')) ?? '1h'
  const me = useQuery(meQuery())
  const { data, error, refetch } = useQuery({
    ...ringsQuery(window),
    enabled: me.data?.can.approve,
  })
  const mayNot = me.data && !me.data.can.approve
  const failure = mayNot ? new AppError('forbidden', '') : (error ?? me.error)
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          mayNot ? null : (
            <Field label={t('window.label')}>
              {(attributes) => (
                <Select
                  {...attributes}
                  value={window}
                  onChange={(event) =>
                    router.replace(`${path}?window=${event.target.value}`, { scroll: false })
                  }
                >
                  {windows.map((one) => (
                    <option key={one} value={one}>
                      {t(`window.${one}`)}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          )
        }
      />
      {failure ? (
        <ErrorNote error={failure} onRetry={refetch} />
      ) : !data ? (
        <Skeleton label={t('loading')} rows={6} />
      ) : data.length === 0 ? (
        <Panel>
          <Empty title={t('empty')}>{t('emptyNext')}</Empty>
        </Panel>
      ) : (
        <div className="grid gap-6">
          {data.map((service) => (
            <ServiceRings key={service.id} service={service} />
          ))}
        </div>
      )}
    </>
  )
}

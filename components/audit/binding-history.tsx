'use client'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useRef, useState } from 'react'
import { bindingHistoryQuery } from '#components/data/audit-queries.ts'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { Timestamp } from '#components/ui/timestamp.tsx'

const shownAtFirst = 12

/** What is on record of a binding, for the people of its namespace; it stays after the binding is gone. */
export function BindingHistory({ namespace, name }: { namespace: string; name: string }) {
  const t = useTranslations('audit')
  const [all, setAll] = useState(false)
  const list = useRef<HTMLOListElement>(null)
  const { data, error, refetch } = useQuery(bindingHistoryQuery(namespace, name))
  return (
    <Panel title={t('history.title')}>
      {error ? (
        <ErrorNote error={error} onRetry={refetch} />
      ) : !data ? (
        <Skeleton label={t('loading')} />
      ) : data.length === 0 ? (
        <p className="text-muted">{t('history.empty')}</p>
      ) : (
        <ol
          ref={list}
          tabIndex={-1}
          className="grid gap-2 outline-none"
          aria-label={t('history.title')}
        >
          {data.slice(0, all ? undefined : shownAtFirst).map((entry) => (
            <li key={entry.seq} className="text-[0.93rem]">
              <p>
                <span className="font-medium">{t(`what.${entry.what}`)}</span>{' '}
                <span className="break-all text-muted">{entry.who}</span>
              </p>
              {entry.why ? <p className="break-words text-muted">{entry.why}</p> : null}
              <p className="text-[0.82rem] text-muted">
                <span className="font-mono">#{entry.seq}</span> · <Timestamp at={entry.at} />
              </p>
            </li>
          ))}
        </ol>
      )}
      {data && data.length > shownAtFirst && !all ? (
        <Button
          size="small"
          className="mt-3"
          onClick={() => {
            setAll(true)
            // The button goes.
            list.current?.focus()
          }}
        >
          {t('history.all', { count: data.length })}
        </Button>
      ) : null}
    </Panel>
  )
}

'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { webhooksQuery } from '#components/data/audit-queries.ts'
import { Badge } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { ErrorNote } from '#components/ui/error-note.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Timestamp } from '#components/ui/timestamp.tsx'
import { retryNotices } from './mutations.ts'

/** How telling others goes: what waits, what was taken, and what was given up. */
export function WebhookStates() {
  const t = useTranslations('audit.webhooks')
  const client = useQueryClient()
  const { data } = useQuery(webhooksQuery())
  const retry = useMutation({
    ...retryNotices(),
    onSuccess: (states) => client.setQueryData(webhooksQuery().queryKey, states),
  })
  if (!data || data.length === 0) return null
  return (
    <Panel title={t('title')} className="mt-6">
      <ul className="grid gap-3">
        {data.map(({ name, pending, sent, dead, lastSentAt, lastError, mayRetry }) => (
          <li key={name} className="flex flex-wrap items-center gap-x-4 gap-y-1">
            <span className="font-mono font-medium">{name}</span>
            <Badge tone={dead > 0 ? 'bad' : lastError && pending > 0 ? 'warn' : 'good'}>
              {dead > 0 ? t('dead', { count: dead }) : pending > 0 ? t('waiting') : t('fine')}
            </Badge>
            <span className="text-[0.93rem] text-muted tabular-nums">
              {t('counts', { sent, pending })}
              {lastSentAt ? (
                <>
                  {' · '}
                  <Timestamp at={lastSentAt} />
                </>
              ) : null}
            </span>
            {dead > 0 && mayRetry ? (
              <Button
                size="small"
                busy={retry.isPending && retry.variables === name}
                aria-label={t('retryOf', { name, count: dead })}
                onClick={() => retry.mutate(name)}
              >
                {t('retry')}
              </Button>
            ) : null}
            {retry.error && retry.variables === name ? (
              <div className="basis-full">
                <ErrorNote error={retry.error} />
              </div>
            ) : null}
            {lastError ? <span className="basis-full text-[0.93rem]">{lastError}</span> : null}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type {
  AuditPage,
  AuditState,
  HistoryEntry,
  WebhookView,
} from '#server/audit/views/audit-views.ts'
import { pathOf } from './queries.ts'
import { request } from './request.ts'

/** `search` is what the page's own address holds: the names are those of the API. */
export function auditQuery(search: string) {
  return queryOptions({
    queryKey: ['audit', search],
    queryFn: ({ signal }) => request<AuditPage>('GET', `/api/audit?${search}`, undefined, signal),
    placeholderData: keepPreviousData,
  })
}

/** Asked again while somebody looks: what is on the screen does not move, but says that there is more. */
export function auditNewerQuery(search: string, after: number) {
  return queryOptions({
    queryKey: ['audit', 'newer', search, after],
    queryFn: ({ signal }) =>
      request<{ count: number }>(
        'GET',
        `/api/audit/newer?${search}${search && '&'}after=${after}`,
        undefined,
        signal,
      ),
    refetchInterval: 5_000,
  })
}

export function auditStateQuery() {
  return queryOptions({
    queryKey: ['audit', 'state'],
    queryFn: ({ signal }) => request<AuditState>('GET', '/api/audit/state', undefined, signal),
    refetchInterval: 30_000,
  })
}

export function webhooksQuery() {
  return queryOptions({
    queryKey: ['audit', 'webhooks'],
    queryFn: ({ signal }) =>
      request<WebhookView[]>('GET', '/api/audit/webhooks', undefined, signal),
    refetchInterval: 30_000,
  })
}

export function bindingHistoryQuery(namespace: string, name: string) {
  return queryOptions({
    queryKey: ['bindings', namespace, name, 'history'],
    queryFn: ({ signal }) =>
      request<HistoryEntry[]>(
        'GET',
        pathOf('bindings', namespace, name, 'history'),
        undefined,
        signal,
      ),
    refetchInterval: 15_000,
  })
}

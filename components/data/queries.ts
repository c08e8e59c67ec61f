import { queryOptions } from '@tanstack/react-query'
import type { BindingView } from '#server/access/views/binding.ts'
import type { SignInOptions } from '#server/platform/auth/views/sign-in.ts'
import type { ListEvent, ListKind, ListViews } from '#server/processes/web/views/list-events.ts'
import type { MeView } from '#server/processes/web/views/me.ts'
import type { RunView, TaskView } from '#server/runs/views/run.ts'
import type { ModelServiceView } from '#server/serving/views/model-service-view.ts'
import { applyListEvent } from './apply-list-event.ts'
import { request } from './request.ts'

/** One definition per endpoint, so that a key and its fetch cannot drift apart. Live lists are kept by live-lists.ts. */

export function meQuery() {
  return queryOptions({
    queryKey: ['me'],
    queryFn: ({ signal }) => request<MeView>('GET', '/api/me', undefined, signal),
  })
}

export const listPaths: Record<ListKind, string> = {
  services: '/api/services',
  bindings: '/api/bindings',
  runs: '/api/runs',
}

/** What the stream told while the list was on its way is newer than the list, and stays. */
export function listQuery<K extends ListKind>(kind: K) {
  return queryOptions({
    queryKey: ['list', kind],
    queryFn: async ({ client, queryKey, signal }) => {
      const state = () => client.getQueryState<ListViews[K][]>(queryKey)
      const updates = state()?.dataUpdateCount
      const fetched = await request<ListViews[K][]>('GET', listPaths[kind], undefined, signal)
      const now = state()
      if (!now?.data || now.dataUpdateCount === updates) return fetched
      const event = { event: 'snapshot', data: { kind, items: now.data } } as ListEvent
      return applyListEvent<ListViews[K] & { goneAt?: string }>(fetched, event)
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export function servicesQuery() {
  return listQuery('services')
}

export function bindingsQuery() {
  return listQuery('bindings')
}

export function runsQuery() {
  return listQuery('runs')
}

export function serviceQuery(namespace: string, name: string) {
  return queryOptions({
    queryKey: ['services', namespace, name],
    queryFn: ({ signal }) =>
      request<ModelServiceView>('GET', pathOf('services', namespace, name), undefined, signal),
  })
}

export function bindingQuery(namespace: string, name: string) {
  return queryOptions({
    queryKey: ['bindings', namespace, name],
    queryFn: ({ signal }) =>
      request<BindingView>('GET', pathOf('bindings', namespace, name), undefined, signal),
  })
}

export function runQuery(namespace: string, name: string) {
  return queryOptions({
    queryKey: ['runs', namespace, name],
    queryFn: ({ signal }) =>
      request<RunView>('GET', pathOf('runs', namespace, name), undefined, signal),
  })
}

export function tasksQuery() {
  return queryOptions({
    queryKey: ['tasks'],
    queryFn: ({ signal }) => request<TaskView[]>('GET', '/api/tasks', undefined, signal),
  })
}

/** `/api/bindings/team/one`, every part escaped. */
export function pathOf(...parts: string[]): string {
  return `/api/${parts.map(encodeURIComponent).join('/')}`
}

/** How one can sign in here: the demo's people, or the organisation's provider. */
export function signInOptionsQuery() {
  return queryOptions({
    queryKey: ['sign-in-options'],
    queryFn: ({ signal }) => request<SignInOptions>('GET', '/api/people', undefined, signal),
  })
}

import { queryOptions } from '@tanstack/react-query'
import type { BindingUsageView } from '#server/usage/views/usage-view.ts'
import { pathOf } from './queries.ts'
import { request } from './request.ts'

/** Counted as answers end, so no stream brings it: asked again now and then while somebody looks. */
export function bindingUsageQuery(namespace: string, name: string) {
  return queryOptions({
    queryKey: ['bindings', namespace, name, 'usage'],
    queryFn: ({ signal }) =>
      request<BindingUsageView>(
        'GET',
        pathOf('bindings', namespace, name, 'usage'),
        undefined,
        signal,
      ),
    refetchInterval: 30_000,
  })
}
